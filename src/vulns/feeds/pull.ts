/** Fetches the feeds, when asked and never otherwise; a file is replaced only by one that parses. */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RocError } from '../../kernel/errors.js';
import type { FeedState } from '../report-model.js';
import { parseKev } from './parse-kev.js';
import { parseEpss, parseSsvc } from './parse-table.js';

type FeedName = FeedState['name'];

interface FeedSource {
  readonly url: string | null;
  readonly file: string;
  readonly check: (content: string, file: string) => unknown;
}

/** Vulnrichment is published as one file a CVE; a table of it must be named by --ssvc-url. */
const FEED_SOURCES: Readonly<Record<FeedName, FeedSource>> = {
  kev: {
    url: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
    file: 'kev.json',
    check: parseKev,
  },
  epss: {
    url: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
    file: 'epss.csv.gz',
    check: parseEpss,
  },
  ssvc: { url: null, file: 'ssvc.csv', check: parseSsvc },
};

export interface PulledFeed {
  readonly name: FeedName;
  readonly url: string;
  readonly file: string;
  readonly bytes: number;
}

const MAX_BYTES = 256 * 1024 * 1024;

/** @throws RocError ROC_UNREACHABLE, ROC_TIMEOUT, ROC_INVALID_INPUT */
export async function pullFeeds(
  dir: string,
  urls: Readonly<Partial<Record<FeedName, string | undefined>>>,
  timeoutMs: number,
): Promise<readonly PulledFeed[]> {
  await mkdir(dir, { recursive: true });
  const pulled: PulledFeed[] = [];
  for (const name of Object.keys(FEED_SOURCES) as FeedName[]) {
    const source = FEED_SOURCES[name];
    const url = urls[name] ?? source.url;
    if (url === null) continue;
    const bytes = await fetchBytes(url, timeoutMs);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    source.check(
      isGzip
        ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES * 2 }).toString('utf8')
        : bytes.toString('utf8'),
      url,
    );
    const file = join(dir, source.file.replace(/\.gz$/, '') + (isGzip ? '.gz' : ''));
    await writeFile(`${file}.tmp`, bytes);
    await rename(`${file}.tmp`, file);
    pulled.push({ name, url, file, bytes: bytes.length });
  }
  return pulled;
}

async function fetchBytes(url: string, timeoutMs: number): Promise<Buffer> {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!reply.ok)
      throw new RocError('ROC_UNREACHABLE', `${url} answered ${reply.status}`, {
        hint: 'Try again later, or give another address.',
      });
    const bytes = Buffer.from(await reply.arrayBuffer());
    if (bytes.length > MAX_BYTES)
      throw new RocError('ROC_TOO_LARGE', `${url} sent more than ${MAX_BYTES / 1024 / 1024} MB`, {
        hint: 'Check the address.',
      });
    return bytes;
  } catch (cause) {
    if (cause instanceof RocError) throw cause;
    const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
    throw new RocError(isTimeout ? 'ROC_TIMEOUT' : 'ROC_UNREACHABLE', `${url} did not answer`, {
      hint: 'Check the network, or copy the feeds into the folder by hand; roc reads them offline.',
      cause,
    });
  }
}
