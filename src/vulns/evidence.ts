/** A report as evidence for auditors: its figures, its verdict, and as much of it as one envelope may hold. */
import type { Finding } from './model.js';
import type { ReportHead, ReportSummary } from './report-model.js';
import type { ReportResult } from './report-request.js';
import { UNREAD } from './unread.js';

export interface VulnsEvidence {
  readonly kind: 'vulns-report';
  readonly generatedAt: string;
  readonly scope: string;
  readonly policyHash: string;
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly summary: Readonly<Record<string, number | string>>;
  readonly body: Omit<ReportHead, 'plan' | 'coverage'> & {
    readonly plan: readonly unknown[];
    readonly coverage: readonly unknown[];
    readonly findings: readonly Finding[];
    /** What did not fit; the whole stands in the report's own outputs. */
    readonly leftOut: { readonly findings: number; readonly plan: number; readonly coverage: number };
  };
}

/** An envelope may have 5 MB in its canonical form; this leaves room for what is around the body. */
const MOST_BYTES = 4_500_000;
const MOST_CHARS_OF_SCOPE = 500;

export function evidenceOf({ head, top, incomplete }: ReportResult): VulnsEvidence {
  const { plan, coverage, ...rest } = wellFormed(head);
  const room = { bytes: MOST_BYTES - bytesOf(rest) };
  // What nobody could look at first: it is the shortest list, and the one that a verdict rests on.
  const kept = {
    coverage: fitting([...coverage].sort(missingFirst), room),
    plan: fitting(plan, room, MOST_BYTES / 4),
    findings: fitting(top.map(wellFormed), room),
  };
  const all = head.summary.total + head.summary.suppressed + head.summary.fixed;
  return {
    kind: 'vulns-report',
    generatedAt: head.generatedAt,
    scope: scopeText(head),
    policyHash: head.scope.policySha256,
    verdict: verdictOf(head, incomplete === null),
    summary: summaryOf(head),
    body: {
      ...rest,
      ...kept,
      leftOut: {
        findings: all - kept.findings.length,
        plan: plan.length - kept.plan.length,
        coverage: coverage.length - kept.coverage.length,
      },
    },
  };
}

// Passed is what gates let pass. Without a gate nobody judged, and with a gap nobody could.
function verdictOf({ gates, coverage, intake }: ReportHead, isComplete: boolean): VulnsEvidence['verdict'] {
  if (gates.some((gate) => !gate.passed && gate.name !== UNREAD)) return 'fail';
  const isLost = intake.skipped > (intake.problems['null-record'] ?? 0);
  const hasGap = isLost || coverage.some((entry) => entry.verdict === 'missing');
  return gates.length === 0 || hasGap || !isComplete ? 'unknown' : 'pass';
}

const FIGURES = [
  'total',
  'overdue',
  'kev',
  'new',
  'fixed',
  'regressed',
  'suppressed',
] as const satisfies readonly (keyof ReportSummary)[];

function summaryOf({ summary, coverage, gates }: ReportHead): VulnsEvidence['summary'] {
  const failed = gates.filter((gate) => !gate.passed).map((gate) => gate.name);
  return {
    ...Object.fromEntries(FIGURES.map((name) => [name, summary[name]])),
    critical: summary.bySeverity.critical,
    high: summary.bySeverity.high,
    notScanned: coverage.filter((entry) => entry.verdict === 'missing').length,
    gatesFailed: failed.length === 0 ? 'none' : failed.join(', ').slice(0, MOST_CHARS_OF_SCOPE),
  };
}

function scopeText({ scope }: ReportHead): string {
  const live = scope.live.length === 0 ? [] : [`live ${scope.live.join(',')}`];
  const text = [...live, ...scope.inputs].join(' ');
  return text.length <= MOST_CHARS_OF_SCOPE ? text : `${text.slice(0, MOST_CHARS_OF_SCOPE - 1)}…`;
}

function missingFirst(a: ReportHead['coverage'][number], b: ReportHead['coverage'][number]): number {
  return Number(b.verdict === 'missing') - Number(a.verdict === 'missing');
}

/** As many from the beginning as there is room for; takes the room away. */
function fitting<T>(items: readonly T[], room: { bytes: number }, most = Number.POSITIVE_INFINITY): T[] {
  const kept: T[] = [];
  let used = 0;
  for (const item of items) {
    const bytes = bytesOf(item) + 1;
    if (used + bytes > Math.min(room.bytes, most)) break;
    used += bytes;
    kept.push(item);
  }
  room.bytes -= used;
  return kept;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

// Half a surrogate pair in somebody's title has no canonical form and no digest.
function wellFormed<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
    typeof inner === 'string' ? inner.replace(HALF_PAIR, '\ufffd') : inner,
  ) as T;
}

const HALF_PAIR = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
