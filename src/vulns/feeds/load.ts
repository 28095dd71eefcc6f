/** Reads the feeds of a folder, plain or gzip, and says how old they are. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { RocError } from '../../kernel/errors.js';
import { DAY } from '../../kernel/time.js';
import type { FeedState } from '../report-model.js';
import { type FeedData, NO_FEEDS } from './lookup.js';
import { parseKev } from './parse-kev.js';
import { parseEpss, parseSsvc } from './parse-table.js';

export interface LoadedFeeds {
  readonly data: FeedData;
  readonly states: readonly FeedState[];
}

type FeedName = FeedState['name'];

/** How the files of each feed are named: roc's own, and the publishers'. */
const FILE_NAMES: Readonly<Record<FeedName, RegExp>> = {
  kev: /^(?:kev|known_exploited_vulnerabilities|.*__known_exploited_vulnerabilities)\.json(?:\.gz)?$/,
  epss: /^epss(?:_scores-[\d-]+|_scores-current)?\.csv(?:\.gz)?$/,
  ssvc: /^(?:ssvc|vulnrichment_ssvc[\w-]*)\.csv(?:\.gz)?$/,
};

const FEED_NAMES = ['kev', 'epss', 'ssvc'] as const satisfies readonly FeedName[];

/** @param dir null: there are no feeds */
export async function loadFeeds(dir: string | null, now: number, maxAgeDays: number): Promise<LoadedFeeds> {
  const files = dir === null ? [] : await readdir(dir).catch(() => []);
  let data: FeedData = NO_FEEDS;
  const states: FeedState[] = [];
  for (const name of FEED_NAMES) {
    const feed = dir === null ? null : await newestFeed(name, dir, files);
    if (feed === null) {
      states.push({ name, present: false, date: null, ageDays: null, stale: false, entries: 0, file: null });
      continue;
    }
    data = { ...data, ...feed.data };
    const ms = timeOf(feed);
    const ageDays = Number.isNaN(ms) ? null : Math.max(0, Math.floor((now - ms) / DAY));
    states.push({
      name,
      present: true,
      date: Number.isNaN(ms) ? null : new Date(ms).toISOString(),
      ageDays,
      // A feed that does not say its age cannot be called fresh.
      stale: ageDays === null || ageDays > maxAgeDays,
      entries: feed.entries,
      file: feed.path,
    });
  }
  return { data, states };
}

interface ReadFeed {
  readonly data: Partial<FeedData>;
  readonly date: string | null;
  readonly entries: number;
}

// What a pull left, and the last by name of what was copied by hand: dated files sort by their dates.
async function newestFeed(
  name: FeedName,
  dir: string,
  files: readonly string[],
): Promise<(ReadFeed & { readonly path: string }) | null> {
  const fitting = files.filter((entry) => FILE_NAMES[name].test(entry)).sort();
  const own = fitting.filter((entry) => entry.startsWith(`${name}.`)).at(-1);
  const copied = fitting.filter((entry) => !entry.startsWith(`${name}.`)).at(-1);
  let newest: (ReadFeed & { readonly path: string }) | null = null;
  for (const file of [own, copied]) {
    if (file === undefined) continue;
    const path = join(dir, file);
    const feed = { ...readFeed(name, await readText(path), path), path };
    if (newest === null || timeOf(feed) > timeOf(newest)) newest = feed;
  }
  return newest;
}

function timeOf({ date }: ReadFeed): number {
  return date === null ? Number.NaN : Date.parse(date);
}

function readFeed(name: FeedName, content: string, path: string): ReadFeed {
  switch (name) {
    case 'kev': {
      const kev = parseKev(content, path);
      return { data: { kev: kev.entries }, date: kev.date, entries: kev.entries.size };
    }
    case 'epss': {
      const epss = parseEpss(content, path);
      return { data: { epss: epss.data }, date: epss.date, entries: epss.data.cves.length };
    }
    case 'ssvc': {
      const ssvc = parseSsvc(content, path);
      return { data: { ssvc: ssvc.data }, date: ssvc.date, entries: ssvc.data.cves.length };
    }
  }
}

async function readText(path: string): Promise<string> {
  const bytes = await readFile(path);
  try {
    return (
      bytes[0] === 0x1f && bytes[1] === 0x8b
        ? gunzipSync(bytes, { maxOutputLength: 512 * 1024 * 1024 })
        : bytes
    ).toString('utf8');
  } catch (cause) {
    throw new RocError('ROC_INVALID_INPUT', `${path} is damaged`, { hint: 'Pull the feed again.', cause });
  }
}

/** One line for each feed that is missing or old. */
export function feedWarnings(states: readonly FeedState[]): string[] {
  return states.flatMap((feed) => {
    if (!feed.present)
      return [`the ${feed.name} feed is missing: ${MISSING[feed.name]} (roc vulns feeds pull)`];
    if (!feed.stale) return [];
    return [
      `the ${feed.name} feed is ${feed.ageDays === null ? 'of unknown age' : `${feed.ageDays} days old`} (roc vulns feeds pull)`,
    ];
  });
}

const MISSING: Readonly<Record<FeedName, string>> = {
  kev: 'what is known exploited is unknown, and the table cannot decide',
  epss: 'the order of findings assumes it from severity',
  ssvc: 'automatable and impact come from CVSS vectors alone',
};

/** @throws RocError ROC_PRECONDITION_FAILED naming what is missing or stale */
export function requireFeeds(states: readonly FeedState[]): void {
  const bad = states.filter((feed) => !feed.present || feed.stale);
  if (bad.length === 0) return;
  throw new RocError(
    'ROC_INVALID_INPUT',
    `feeds are required, but ${bad.map((feed) => `${feed.name} is ${feed.present ? 'stale' : 'missing'}`).join(', ')}`,
    { hint: 'Run `roc vulns feeds pull`, or leave --require-feeds out.' },
  );
}
