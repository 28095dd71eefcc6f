/** Demand and capacity over time in a terminal: a filled area, a line, and marks where the SLO was broken. */
import { DAY, isoTime, MINUTE } from '../../../kernel/time.js';
import type { FleetModel } from '../fleet/model.js';
import type { Pictured } from '../simulate.js';
import { type Column, toColumns } from './columns.js';

export interface ChartStyle {
  /** Columns of the whole chart. */
  readonly width: number;
  readonly unicode: boolean;
  readonly colour: boolean;
}

const ROWS = 12;
const MARGIN = 4;
const EIGHTHS = ['', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** @returns lines without line breaks */
export function capacityChart(
  { workload, traces }: Pictured,
  policy: string,
  model: FleetModel,
  style: ChartStyle,
): string[] {
  const trace = traces.find((one) => one.policy === policy)?.trace;
  if (trace === undefined) return [];
  const columns = toColumns(workload.demand, trace.ready, model, Math.max(10, style.width - MARGIN - 1));
  const top = model.max;
  const paint = painter(style);
  const lines = [
    `${workload.name}: ${paint('demand', 'area')} in instances at the SLO, ${paint('capacity', 'line')} of ${policy}`,
  ];
  for (let row = ROWS - 1; row >= 0; row--) {
    const label = labelOf(row, top);
    const cells = columns.map((column) => cell(column, row, top, style, paint));
    lines.push(`${label.padStart(MARGIN - 1)} ${cells.join('')}`);
  }
  const marks = columns.map(({ violations }) =>
    violations > 0 ? paint(style.unicode ? '×' : 'x', 'bad') : ' ',
  );
  lines.push(`${'SLO'.padStart(MARGIN - 1)} ${marks.join('')}`);
  lines.push(axis(workload.startMs, workload.demand.length, columns.length));
  return lines;
}

type Paint = (text: string, tone: keyof typeof TONES) => string;

const TONES = { area: 34, line: 36, bad: 31 } as const;

function painter({ colour }: ChartStyle): Paint {
  return (text, tone) => (colour ? `\u001b[${TONES[tone]}m${text}\u001b[39m` : text);
}

function cell(column: Column, row: number, top: number, { unicode }: ChartStyle, paint: Paint): string {
  const line = Math.min(ROWS - 1, Math.ceil((column.capacity / top) * ROWS) - 1);
  if (row === line) return paint(unicode ? '━' : '=', 'line');
  const filled = Math.round(8 * Math.max(0, Math.min(1, (column.need / top) * ROWS - row)));
  if (filled === 0) return ' ';
  // Above the line there is demand that the capacity could not take at the SLO.
  const mark = unicode ? (EIGHTHS[filled] ?? '█') : filled >= 4 ? '#' : '.';
  return paint(mark, row > line ? 'bad' : 'area');
}

function labelOf(row: number, top: number): string {
  const size = ((row + 1) / ROWS) * top;
  return Number.isInteger(size) && (top <= 6 || size % 2 === 0) ? String(size) : '';
}

function axis(startMs: number, minutes: number, width: number): string {
  const endMs = startMs + minutes * MINUTE;
  const isLong = minutes * MINUTE > 2 * DAY;
  const [from, to] = [startMs, endMs].map((ms) =>
    isLong ? isoTime(ms).slice(0, 10) : isoTime(ms).slice(5, 16).replace('T', ' '),
  );
  return `${' '.repeat(MARGIN)}${from}${' '.repeat(Math.max(1, width - 2 * (from?.length ?? 0)))}${to}`;
}
