/** What a person sees first: how much, what to do first, and whether the gates held. Plain rows, no colours. */
import type { FindingGroup } from '../groups.js';
import { ACTIONABLE, type Finding } from '../model.js';
import type { PlanItem } from '../plan.js';
import { problemName } from '../problem-name.js';
import type { ReportHead } from '../report-model.js';
import type { ReportResult } from '../report-request.js';

/** Cuts long text in the middle, where names of layers and repositories say least. */
function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const head = Math.ceil((width - 1) * 0.6);
  return `${text.slice(0, head)}…${text.slice(text.length - (width - 1 - head))}`;
}

export function summaryLines(head: ReportHead): string[] {
  const { summary, intake } = head;
  const severities = Object.entries(summary.bySeverity)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`);
  const memory = head.scope.store
    ? [
        `${summary.new} new, ${summary.fixed} fixed, ${summary.regressed} regressed, ${summary.suppressed} suppressed since the last run`,
      ]
    : summary.suppressed + summary.expired > 0
      ? [`${summary.suppressed} suppressed, ${summary.expired} with an expired suppression`]
      : [];
  const missing = head.coverage.filter((entry) => entry.verdict === 'missing').length;
  const skipped = intake.skipped === 0 ? '' : `, ${intake.skipped} unreadable`;
  return [
    `${counted(summary.total, 'finding')} from ${counted(intake.records, 'record')}${skipped}`,
    ...(severities.length === 0 ? [] : [severities.join(', ')]),
    `${summary.overdue} overdue, ${exploitedText(head)}`,
    ...memory,
    ...(missing === 0 ? [] : [`${missing} images or targets were not scanned: nothing is known of them`]),
    ...(summary.unasked === 0
      ? []
      : [`${summary.unasked} known problems lie outside this run's scope and stay as they were`]),
  ];
}

/** Without the feed none is known of, which is not none. */
function exploitedText(head: ReportHead): string {
  const { kev } = head.summary;
  if (hasKevFeed(head)) return `${kev} known exploited`;
  return kev === 0
    ? 'known exploited: unknown without the kev feed'
    : `at least ${kev} known exploited (no kev feed)`;
}

export function hasKevFeed({ feeds }: ReportHead): boolean {
  return feeds.some(({ name, present }) => name === 'kev' && present);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function feedLine(head: ReportHead): string {
  const feeds = head.feeds.map((feed) => {
    if (!feed.present) return `${feed.name} missing`;
    return `${feed.name} ${feed.ageDays === null ? 'of unknown age' : `${feed.ageDays} d old`}${feed.stale ? ' (stale)' : ''}`;
  });
  return `feeds: ${feeds.join(', ')}`;
}

type Cell = string | number | null;

/** A table as cells, whatever its rows were. */
export interface TerminalTable {
  readonly rows: readonly (readonly Cell[])[];
  readonly columns: readonly {
    readonly title: string;
    readonly align: 'left' | 'right';
    readonly value: (row: readonly Cell[]) => Cell;
  }[];
  readonly empty: string;
}

/** The plan, then the findings or, where they were asked for, the groups. */
export function screenTables(
  { head, top, groups }: ReportResult,
  lines: number,
  width: number,
): TerminalTable[] {
  return [
    tableOf(head.plan.slice(0, lines), planColumns(width), 'nothing to do'),
    groups === null
      ? tableOf(top.slice(0, lines), findingColumns(width), 'no findings')
      : tableOf(groups.slice(0, lines), groupColumns(width), 'no findings'),
  ];
}

function tableOf<Row>(
  rows: readonly Row[],
  columns: readonly TerminalColumn<Row>[],
  empty: string,
): TerminalTable {
  return {
    rows: rows.map((row) => columns.map((column) => column.value(row))),
    columns: columns.map(({ title, align = 'left' }, i) => ({
      title,
      align,
      value: (row) => row[i] ?? null,
    })),
    empty,
  };
}

interface TerminalColumn<Row> {
  readonly title: string;
  readonly value: (row: Row) => Cell;
  readonly align?: 'left' | 'right';
}

/** The plan for a terminal of so many columns; the action takes what the figures leave. */
function planColumns(width: number): readonly TerminalColumn<PlanItem>[] {
  const isWide = width >= 110;
  const owner: TerminalColumn<PlanItem> = {
    title: 'owner',
    value: (item) => (item.owners.length === 0 ? null : shorten(item.owners.join(', '), 18)),
  };
  return [
    { title: 'due', value: (item) => dueText(item.dueInDays) },
    { title: 'action', value: (item) => shorten(item.action, Math.max(24, width - (isWide ? 72 : 38))) },
    { title: 'findings', value: (item) => item.findings, align: 'right' },
    { title: isWide ? 'resources' : 'res', value: (item) => item.resources, align: 'right' },
    { title: 'kev', value: (item) => item.kev, align: 'right' },
    ...(isWide
      ? [
          { title: 'risk', value: (item: PlanItem) => Math.round(item.riskRemoved), align: 'right' as const },
          owner,
        ]
      : []),
  ];
}

function findingColumns(width: number): readonly TerminalColumn<Finding>[] {
  const isWide = width >= 110;
  const room = Math.max(12, Math.floor((width - (isWide ? 72 : 62)) / 2));
  return [
    { title: 'key', value: (f) => f.key.slice(0, 20) },
    { title: 'severity', value: (f) => f.severity },
    ...(isWide ? [{ title: 'action', value: (f: Finding) => f.decision.action }] : []),
    // What asks for no work has a state instead of a date.
    {
      title: 'due',
      value: (f) => (ACTIONABLE.has(f.state) ? (f.decision.dueAt?.slice(0, 10) ?? null) : f.state),
    },
    { title: 'what', value: (f) => shorten(isWide ? nameOf(f) : problemName(f), isWide ? room + 8 : 18) },
    { title: 'where', value: (f) => shorten(f.resource.repo ?? f.resource.id, room) },
  ];
}

function groupColumns(width: number): readonly TerminalColumn<FindingGroup>[] {
  return [
    { title: 'due', value: (group) => group.dueAt?.slice(0, 10) ?? null },
    { title: 'name', value: (group) => shorten(group.name, Math.max(20, width - 62)) },
    { title: 'findings', value: (group) => group.findings, align: 'right' },
    { title: 'critical', value: (group) => group.critical, align: 'right' },
    { title: 'high', value: (group) => group.high, align: 'right' },
    { title: 'kev', value: (group) => group.kev, align: 'right' },
    { title: 'overdue', value: (group) => group.overdue, align: 'right' },
  ];
}

function nameOf(finding: Finding): string {
  return finding.package === null ? problemName(finding) : `${problemName(finding)} ${finding.package.name}`;
}

/** `in 3 d`, `today`, `5 d late`, `-`. */
export function dueText(days: number | null): string {
  if (days === null) return '-';
  if (days < 0) return `${-days} d late`;
  return days === 0 ? 'today' : `in ${days} d`;
}

export function gateLines(head: ReportHead): string[] {
  return head.gates.map(
    ({ name, passed, count, max }) =>
      `gate ${name}: ${passed ? 'passed' : 'FAILED'}, ${count} found${max === 0 ? '' : ` of at most ${max}`}`,
  );
}

/** What a person should know beside the figures: warnings, and the first records that were not read well. */
export function warningLines(head: ReportHead): string[] {
  return [...head.warnings, ...problemLines(head)];
}

function problemLines(head: ReportHead): string[] {
  return head.intake.examples
    .slice(0, 5)
    .map((p) => `${p.file} at byte ${p.offset}: ${p.message}${p.skipped ? ' (left out)' : ''}`);
}
