/** Fetches the feeds, when asked and never otherwise; a file is replaced only by one that parses, and at once. */
import { mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { isRocError, RocError } from '../../kernel/errors.js';
import { makeFolder } from '../../kernel/make-folder.js';
import type { FeedState } from '../report-model.js';
import { download } from './download.js';
import { parseKev } from './parse-kev.js';
import { parseEpss, parseSsvc } from './parse-table.js';
import { vulnrichmentTable } from './vulnrichment.js';

type FeedName = FeedState['name'];

interface FeedSource {
  readonly url: string;
  readonly file: string;
  /** Names of the same feed that an earlier pull may have left. */
  readonly former: readonly string[];
  /** How many entries it has. */
  readonly check: (content: string, url: string) => number;
}

/** Where the publishers have them. Vulnrichment is one file a CVE, so its whole archive is fetched for the table. */
const FEED_SOURCES: Readonly<Record<FeedName, FeedSource>> = {
  kev: {
    url: 'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
    file: 'kev.json',
    former: ['kev.json.gz'],
    check: (content, url) => whole(parseKev(content, url), url),
  },
  epss: {
    url: 'https://epss.empiricalsecurity.com/epss_scores-current.csv.gz',
    file: 'epss.csv.gz',
    former: ['epss.csv'],
    check: (content, url) => parseEpss(content, url).data.cves.length,
  },
  ssvc: {
    url: 'https://codeload.github.com/cisagov/vulnrichment/zip/refs/heads/develop',
    file: 'ssvc.csv.gz',
    former: ['ssvc.csv'],
    check: (content, url) => parseSsvc(content, url).data.cves.length,
  },
};

export interface PulledFeed {
  readonly name: FeedName;
  readonly url: string;
  readonly file: string;
  readonly bytes: number;
  readonly entries: number;
}

export interface PullResult {
  readonly items: readonly PulledFeed[];
  /** Feeds that could not be fetched; what was there before is still there. */
  readonly failures: readonly { readonly name: FeedName; readonly error: RocError }[];
}

export interface PullRequest {
  readonly dir: string;
  readonly names: readonly FeedName[];
  readonly urls: Readonly<Partial<Record<FeedName, string | undefined>>>;
  /** Milliseconds without a byte. */
  readonly idleMs: number;
}

const MB = 1024 * 1024;
const MAX_DOWNLOAD = 1024 * MB;
const MAX_CONTENT = 500 * MB;

export async function pullFeeds({ dir, names, urls, idleMs }: PullRequest): Promise<PullResult> {
  await makeFeedsFolder(dir);
  const scratch = await mkdtemp(join(dir, '.pull-'));
  const items: PulledFeed[] = [];
  const failures: { name: FeedName; error: RocError }[] = [];
  try {
    for (const name of names) {
      const url = urls[name] ?? FEED_SOURCES[name].url;
      try {
        items.push(await pullOne(name, url, { dir, scratch, idleMs }));
      } catch (error) {
        if (!isRocError(error)) throw error;
        failures.push({ name, error });
      }
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return { items, failures };
}

/** `kev,epss`: the feeds by name. @throws RocError ROC_USAGE */
export function parseFeedNames(text: string): readonly FeedName[] {
  const known = Object.keys(FEED_SOURCES) as FeedName[];
  return text.split(',').map((word) => {
    const name = known.find((each) => each === word.trim());
    if (name !== undefined) return name;
    throw new RocError('ROC_USAGE', `--only ${text}: "${word}" is no feed`, {
      hint: `Name some of ${known.join(', ')}, joined by commas.`,
    });
  });
}

async function makeFeedsFolder(dir: string): Promise<void> {
  await makeFolder(dir).catch((cause: unknown) => {
    throw new RocError('ROC_INVALID_INPUT', `${dir} cannot be made`, {
      hint: 'Name a folder that can be written with --feeds.',
      cause,
    });
  });
}

async function pullOne(
  name: FeedName,
  url: string,
  { dir, scratch, idleMs }: { dir: string; scratch: string; idleMs: number },
): Promise<PulledFeed> {
  const { file, former, check } = FEED_SOURCES[name];
  const raw = join(scratch, 'raw');
  const bytes = await download(url, raw, { idleMs, maxBytes: MAX_DOWNLOAD });
  const content = await contentOf(raw, url);
  const entries = check(content, url);
  if (entries === 0)
    throw new RocError('ROC_INVALID_INPUT', `${url} sent a feed without entries`, {
      hint: 'Check the address; the feed at hand is kept.',
    });
  const ready = join(scratch, file);
  await writeFile(ready, file.endsWith('.gz') ? gzipSync(content) : content);
  await rename(ready, join(dir, file));
  for (const old of former) await rm(join(dir, old), { force: true });
  return { name, url, file: join(dir, file), bytes, entries };
}

async function contentOf(path: string, url: string): Promise<string> {
  const handle = await open(path);
  const { buffer: start } = await handle.read(Buffer.alloc(4), 0, 4, 0).finally(() => handle.close());
  if (start.toString('latin1') === 'PK\u0003\u0004') return vulnrichmentTable(path, url);
  const bytes = await readFile(path);
  if (start[0] !== 0x1f || start[1] !== 0x8b) return bytes.toString('utf8');
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_CONTENT }).toString('utf8');
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${url} sent a damaged archive`, {
      hint: 'Try again later; the feed at hand is kept.',
      cause,
    });
  }
}

// The catalogue says how long it is.
function whole({ entries, count }: ReturnType<typeof parseKev>, url: string): number {
  if (count === null || count === entries.size) return entries.size;
  throw new RocError('ROC_INVALID_INPUT', `${url} names ${count} entries and has ${entries.size}`, {
    hint: 'Try again later; the feed at hand is kept.',
  });
}
