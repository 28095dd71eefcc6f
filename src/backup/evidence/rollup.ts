/** All evidence of a period for the auditor: what was tested, how often, how fast, and what is still open. Pure. */
import type { Asset } from '../model.js';
import type { Verdict } from '../results.js';
import type { EvidenceReport } from './model.js';
import type { Period } from './period.js';

/** A report as it was read and verified. */
export interface VerifiedReport {
  readonly number: number;
  readonly sha256: string;
  readonly report: EvidenceReport;
  /** Of the file itself: form, signature, key and chain. */
  readonly integrity: Verdict;
}

export interface AssetSummary {
  readonly asset: string;
  readonly type: string;
  readonly runs: number;
  readonly pass: number;
  readonly fail: number;
  readonly inconclusive: number;
  /** Milliseconds. */
  readonly worstRto: number | null;
  readonly targetRto: number | null;
  readonly worstRpo: number | null;
  readonly targetRpo: number | null;
  readonly lastVerdict: Verdict | null;
  readonly lastAt: string | null;
  /** Longest time in the period without a test that passed, against the policy; null where the policy has no such asset. */
  readonly longestGap: number;
  readonly testEvery: number | null;
  readonly open: readonly string[];
}

export interface Rollup {
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly verdict: Verdict;
  readonly assets: readonly AssetSummary[];
  readonly reports: readonly {
    readonly number: number;
    readonly run: string;
    readonly asset: string;
    readonly at: string;
    readonly verdict: Verdict;
    readonly integrity: Verdict;
    readonly sha256: string;
  }[];
}

/** @param now ends a period that is not over yet */
export function rollUp(
  all: readonly VerifiedReport[],
  period: Period,
  assets: readonly Asset[],
  now: number,
): Rollup {
  const end = Math.min(period.to, Math.max(now, period.from));
  const within = all.filter(({ report }) => isWithin(report, period));
  const ids = [...new Set([...assets.map(({ id }) => id), ...within.map(({ report }) => report.asset.id)])];
  const summaries = ids.map((id) =>
    summary(id, all, within, { ...period, to: end }, assets.find((asset) => asset.id === id) ?? null),
  );
  const isForged = within.some(({ integrity }) => integrity === 'fail');
  const isOpen = summaries.some(({ open }) => open.length > 0);
  return {
    period: period.name,
    from: new Date(period.from).toISOString(),
    to: new Date(period.to).toISOString(),
    verdict:
      isForged || isOpen
        ? 'fail'
        : within.some(({ integrity }) => integrity !== 'pass')
          ? 'inconclusive'
          : 'pass',
    assets: summaries,
    reports: within.map(({ number, report, integrity, sha256 }) => ({
      number,
      run: report.run,
      asset: report.asset.id,
      at: report.finishedAt,
      verdict: report.verdict,
      integrity,
      sha256,
    })),
  };
}

function summary(
  id: string,
  all: readonly VerifiedReport[],
  within: readonly VerifiedReport[],
  span: Period,
  asset: Asset | null,
): AssetSummary {
  const mine = within.filter(({ report }) => report.asset.id === id).map(({ report }) => report);
  const of = (verdict: Verdict) => mine.filter((report) => report.verdict === verdict).length;
  const last = mine.at(-1) ?? null;
  const worst = (values: readonly (number | null | undefined)[]) => {
    const known = values.filter((value) => typeof value === 'number');
    return known.length === 0 ? null : Math.max(...known);
  };
  // A report that was forged proves no test.
  const passes = all
    .filter(
      ({ report, integrity }) => report.asset.id === id && report.verdict === 'pass' && integrity !== 'fail',
    )
    .map(({ report }) => Date.parse(report.finishedAt));
  const gap = longestGap(passes, span);
  const testEvery = asset?.testEvery ?? null;
  const open = [
    ...(last !== null && last.verdict !== 'pass'
      ? [`the last run, ${last.run}, ended with ${last.verdict}`]
      : []),
    ...(testEvery !== null && gap > testEvery ? ['it was not tested as often as the policy asks'] : []),
    ...mine
      .filter(({ cleanup }) => cleanup.verdict === 'failed')
      .map(({ run }) => `run ${run} left something behind`),
  ];
  return {
    asset: id,
    type: asset?.type ?? last?.asset.type ?? 'unknown',
    runs: mine.length,
    pass: of('pass'),
    fail: of('fail'),
    inconclusive: of('inconclusive'),
    worstRto: worst(mine.map(({ rto }) => rto?.critical)),
    targetRto: last?.rto?.target ?? null,
    worstRpo: worst(mine.map(({ rpo }) => rpo?.measured)),
    targetRpo: last?.rpo?.target ?? null,
    lastVerdict: last?.verdict ?? null,
    lastAt: last?.finishedAt ?? null,
    longestGap: gap,
    testEvery,
    open,
  };
}

function longestGap(passes: readonly number[], { from, to }: Period): number {
  // The last test before the period still counts at its beginning.
  const before = Math.max(Number.NEGATIVE_INFINITY, ...passes.filter((at) => at < from));
  const times = [
    Number.isFinite(before) ? before : from,
    ...passes.filter((at) => at >= from && at < to).sort((a, b) => a - b),
    to,
  ];
  return times.slice(1).reduce((longest, at, i) => Math.max(longest, at - (times[i] ?? at)), 0);
}

function isWithin({ finishedAt }: EvidenceReport, { from, to }: Period): boolean {
  const at = Date.parse(finishedAt);
  return at >= from && at < to;
}
