/** EPSS and SSVC feeds: comma-separated lines, packed into sorted number arrays that threads can share. */
import { RocError } from '../../kernel/errors.js';
import type { SsvcFact } from '../decide/facts.js';
import { cveNumber } from './cve-number.js';
import { EPSS_SCALE, type FeedData, packSsvc } from './lookup.js';

export interface EpssFeed {
  readonly data: NonNullable<FeedData['epss']>;
  readonly date: string | null;
}

export interface SsvcFeed {
  readonly data: NonNullable<FeedData['ssvc']>;
  readonly date: string | null;
}

/** FIRST's daily file: `#model_version:…,score_date:…`, a header line, then cve,epss,percentile. */
export function parseEpss(content: string, file: string): EpssFeed {
  const rows: (readonly [number, number, number])[] = [];
  const columns = { cve: 0, epss: 1, percentile: 2 };
  for (const fields of dataLines(content)) {
    if (fields[0] === 'cve') {
      if (fields[columns.epss] !== 'epss' || fields[columns.percentile] !== 'percentile')
        throw wrong(file, 'cve,epss,percentile');
      continue;
    }
    const cve = cveNumber(fields[0] ?? '');
    const [epss, percentile] = [Number(fields[1]), Number(fields[2])];
    if (cve !== null && isShare(epss) && isShare(percentile)) rows.push([cve, epss, percentile]);
  }
  if (rows.length === 0) throw wrong(file, 'cve,epss,percentile');
  rows.sort((a, b) => a[0] - b[0]);
  const data = {
    cves: sharedFloats(rows.length),
    scores: sharedWords(rows.length),
    percentiles: sharedWords(rows.length),
  };
  for (const [i, [cve, epss, percentile]] of rows.entries()) {
    data.cves[i] = cve;
    data.scores[i] = Math.round(epss * EPSS_SCALE);
    data.percentiles[i] = Math.round(percentile * EPSS_SCALE);
  }
  return { data, date: /score_date:([^,\s]+)/.exec(content.slice(0, 500))?.[1] ?? null };
}

/** Decision points of CISA's Vulnrichment: cve,exploitation,automatable,technical_impact,…; case varies as published. */
export function parseSsvc(content: string, file: string): SsvcFeed {
  const rows: (readonly [number, number])[] = [];
  let latest = '';
  let header: readonly string[] | null = null;
  for (const fields of dataLines(content)) {
    if (header === null) {
      header = fields.map((field) => field.toLowerCase());
      if (!header.includes('cve') || !header.includes('exploitation'))
        throw wrong(file, 'cve,exploitation,automatable,technical_impact');
      continue;
    }
    const named = new Map(header.map((name, i) => [name, fields[i]?.toLowerCase() ?? '']));
    const cve = cveNumber((named.get('cve') ?? '').toUpperCase());
    const fact = ssvcFact(named);
    if (cve === null || fact === null) continue;
    rows.push([cve, packSsvc(fact)]);
    const stamp = named.get('timestamp') ?? '';
    if (stamp > latest) latest = stamp;
  }
  rows.sort((a, b) => a[0] - b[0]);
  const data = {
    cves: sharedFloats(rows.length),
    points: new Uint8Array(new SharedArrayBuffer(rows.length)),
  };
  for (const [i, [cve, point]] of rows.entries()) {
    data.cves[i] = cve;
    data.points[i] = point;
  }
  return { data, date: latest === '' ? null : latest.toUpperCase() };
}

function ssvcFact(named: ReadonlyMap<string, string>): SsvcFact | null {
  const exploitation = EXPLOITATION_WORDS.get(named.get('exploitation') ?? '');
  const automatable = named.get('automatable');
  const impact = named.get('technical_impact');
  if (exploitation === undefined || (automatable !== 'yes' && automatable !== 'no')) return null;
  return impact === 'total' || impact === 'partial' ? { exploitation, automatable, impact } : null;
}

const EXPLOITATION_WORDS: ReadonlyMap<string, SsvcFact['exploitation']> = new Map<
  string,
  SsvcFact['exploitation']
>([
  ['none', 'none'],
  ['poc', 'public poc'],
  ['public poc', 'public poc'],
  ['active', 'active'],
]);

function* dataLines(content: string): Generator<readonly string[]> {
  let start = 0;
  while (start < content.length) {
    const found = content.indexOf('\n', start);
    const end = found === -1 ? content.length : found;
    const line = content.slice(start, end).trim();
    if (line !== '' && !line.startsWith('#')) yield line.split(',');
    start = end + 1;
  }
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}

function sharedWords(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

function wrong(file: string, columns: string): RocError {
  return new RocError('ROC_INVALID_INPUT', `${file} has not the expected columns`, {
    hint: `Expected ${columns}.`,
  });
}
