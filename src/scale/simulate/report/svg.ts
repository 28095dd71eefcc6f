/** Pictures of a simulation as SVG: demand, capacity, what the clairvoyant had, and where the SLO was broken. */
import { escapeHtml } from '../../../kernel/html-text.js';
import { isoTime, MINUTE } from '../../../kernel/time.js';
import type { FleetModel } from '../fleet/model.js';
import type { Pictured } from '../simulate.js';
import type { SimulationReport } from '../simulate-files.js';
import { type Column, toColumns } from './columns.js';

const WIDTH = 960;
const HEIGHT = 230;
const LEFT = 34;
const TOP = 10;
const PLOT = { width: WIDTH - LEFT - 8, height: 170 };
/** One column a pixel and a half: what a screen can show of weeks. */
const COLUMNS = 612;

/** The picture of one series; classes are coloured by who shows it. */
export function seriesSvg({ workload, oracle, traces }: Pictured, model: FleetModel): string {
  const [ours, ...others] = traces;
  if (ours === undefined) return '';
  const columns = toColumns(workload.demand, ours.trace.ready, model, COLUMNS);
  const limit = toColumns(workload.demand, oracle.ready, model, COLUMNS);
  const rival = others[0] && toColumns(workload.demand, others[0].trace.ready, model, COLUMNS);
  const title = `${workload.name}: demand, capacity of ${ours.policy}, and of the oracle`;
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">`,
    grid(model),
    `<path class="need" d="${area(columns, model)}"/>`,
    `<path class="oracle" d="${steps(limit, model)}"/>`,
    rival === undefined ? '' : `<path class="rival" d="${steps(rival, model)}"/>`,
    `<path class="capacity" d="${steps(columns, model)}"/>`,
    `<path class="bad" d="${marks(columns)}"/>`,
    axis(workload.startMs, workload.demand.length),
    '</svg>',
  ].join('');
}

/** All series below one another, as one file. */
export function renderSvg({ fleet }: SimulationReport, pictures: readonly Pictured[]): string {
  const each = HEIGHT + 34;
  const panels = pictures.map((picture, i) => {
    const inner = seriesSvg(picture, fleet).replace(
      /^<svg /,
      `<svg x="0" y="26" width="${WIDTH}" height="${HEIGHT}" `,
    );
    const names = picture.traces.slice(0, 2).map(({ policy }) => policy);
    const legend = `demand (area) · ${names[0] ?? ''} (line)${names[1] === undefined ? '' : ` · ${names[1]} (thin)`} · oracle (dotted) · SLO broken (red)`;
    return (
      `<g transform="translate(0 ${i * each})"><text class="title" x="${LEFT}" y="18">${escapeHtml(picture.workload.name)}</text>` +
      `<text class="label" x="${WIDTH - 8}" y="18" text-anchor="end">${escapeHtml(legend)}</text>${inner}</g>`
    );
  });
  const height = pictures.length * each;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"><style>${FILE_STYLE}</style><rect class="page" width="${WIDTH}" height="${height}"/>${panels.join('')}</svg>\n`;
}

/** Colours of the parts of a picture, by custom properties that its page sets. */
export const PICTURE_STYLE = `
.need{fill:var(--area);stroke:none}
.capacity{fill:none;stroke:var(--line);stroke-width:1.6}
.oracle{fill:none;stroke:var(--soft);stroke-width:1;stroke-dasharray:1.5 2.5}
.rival{fill:none;stroke:var(--rival);stroke-width:.8;opacity:.75}
.bad{stroke:var(--bad);stroke-width:1.6;fill:none}
.grid{stroke:var(--rule);stroke-width:1}
.label{font:12px system-ui,sans-serif;fill:var(--soft)}
`;

const LIGHT =
  '--page:#fff;--ink:#1c2430;--soft:#5b6675;--rule:#e4e8ee;--area:#c9d8ec;--line:#1f5fa8;--rival:#b36b00;--bad:#b3203a';
const DARK =
  '--page:#12171e;--ink:#e6eaf0;--soft:#9aa6b5;--rule:#2a3441;--area:#2b415f;--line:#7db6f5;--rival:#e0a34a;--bad:#f0687f';

/** The same colours by day and by night, for the page and for a file of its own. */
export const PALETTE = `:root{${LIGHT}}@media (prefers-color-scheme:dark){:root{${DARK}}}`;

const FILE_STYLE = `svg{${LIGHT}}@media (prefers-color-scheme:dark){svg{${DARK}}}.page{fill:var(--page)}.title{font:600 14px system-ui,sans-serif;fill:var(--ink)}${PICTURE_STYLE}`;

function x(i: number, count: number): string {
  return (LEFT + (i / count) * PLOT.width).toFixed(1);
}

function y(instances: number, model: FleetModel): string {
  return (TOP + PLOT.height * (1 - instances / (model.max + 1))).toFixed(1);
}

function grid(model: FleetModel): string {
  const every = model.max > 8 ? 2 : 1;
  const lines: string[] = [];
  for (let size = 0; size <= model.max; size += every)
    lines.push(
      `<path class="grid" d="M${LEFT} ${y(size, model)}h${PLOT.width}"/><text class="label" x="${LEFT - 8}" y="${Number(y(size, model)) + 4}" text-anchor="end">${size}</text>`,
    );
  return lines.join('');
}

function area(columns: readonly Column[], model: FleetModel): string {
  const tops = columns.map(
    ({ need }, i) => `L${x(i, columns.length)} ${y(need, model)}H${x(i + 1, columns.length)}`,
  );
  return `M${LEFT} ${y(0, model)}${tops.join('')}V${y(0, model)}Z`;
}

// Only where the number changes: weeks of calm are one line.
function steps(columns: readonly Column[], model: FleetModel): string {
  let path = '';
  columns.forEach(({ capacity }, i) => {
    if (i === 0) path += `M${LEFT} ${y(capacity, model)}`;
    else if (capacity !== columns[i - 1]?.capacity) path += `H${x(i, columns.length)}V${y(capacity, model)}`;
  });
  return `${path}H${x(columns.length, columns.length)}`;
}

function marks(columns: readonly Column[]): string {
  const base = TOP + PLOT.height + 6;
  return columns
    .map(({ violations }, i) => (violations > 0 ? `M${x(i + 0.5, columns.length)} ${base}v9` : ''))
    .join('');
}

function axis(startMs: number, minutes: number): string {
  const parts = 4;
  const labels = Array.from({ length: parts + 1 }, (_, i) => {
    const at = isoTime(startMs + Math.round((i / parts) * minutes) * MINUTE);
    const text = minutes > 3 * 1440 ? at.slice(0, 10) : at.slice(5, 16).replace('T', ' ');
    const anchor = i === 0 ? 'start' : i === parts ? 'end' : 'middle';
    return `<text class="label" x="${x(i, parts)}" y="${HEIGHT - 18}" text-anchor="${anchor}">${text}</text>`;
  });
  return `${labels.join('')}<text class="label" x="${LEFT - 8}" y="${TOP + PLOT.height + 15}" text-anchor="end">SLO</text>`;
}
