/** The trade between violations and instance-hours: a point for each setting, a line along those that none beats. */
import { escapeHtml } from '../../../kernel/html-text.js';
import { undominated } from '../tune/frontier.js';
import type { Frontier } from '../tune/suggest.js';

const WIDTH = 960;
const HEIGHT = 340;
const PLOT = { left: 52, top: 12, right: 940, bottom: 290 };
/** Above this nobody would run a fleet; it would press everything else flat. */
const MOST_PCT = 4;

export function frontierSvg(frontiers: readonly Frontier[], oracleHours: number): string {
  const shown = frontiers.map(({ name, points }) => ({
    name,
    points: points.filter(({ avoidablePct }) => avoidablePct <= MOST_PCT),
  }));
  const hours = shown.flatMap(({ points }) => points.map((point) => point.instanceHoursPerDay));
  const low = Math.floor(Math.min(oracleHours, ...hours) / 10) * 10;
  const high = Math.ceil(Math.max(oracleHours + 10, ...hours) / 10) * 10;
  const x = (value: number) =>
    (PLOT.left + ((value - low) / (high - low)) * (PLOT.right - PLOT.left)).toFixed(1);
  const y = (value: number) => (PLOT.bottom - (value / MOST_PCT) * (PLOT.bottom - PLOT.top)).toFixed(1);
  const curves = shown.map(({ name, points }, i) => {
    const tone = ['first', 'second'][i] ?? '';
    const best = undominated(points);
    const path = best.map(
      (point, k) => `${k === 0 ? 'M' : 'L'}${x(point.instanceHoursPerDay)} ${y(point.avoidablePct)}`,
    );
    const dots = points.map(
      (point) =>
        `<circle class="dot ${tone}" cx="${x(point.instanceHoursPerDay)}" cy="${y(point.avoidablePct)}" r="2.2"/>`,
    );
    const at = PLOT.top + 6 + 18 * i;
    const label = `<circle class="dot ${tone}" cx="${PLOT.right - 190}" cy="${at}" r="4"/><text class="name" x="${PLOT.right - 178}" y="${at + 4}">${escapeHtml(name)}</text>`;
    return `${dots.join('')}<path class="front ${tone}" d="${path.join('')}"/>${label}`;
  });
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="avoidable violations over instance-hours a day, for ${escapeHtml(frontiers.map(({ name }) => name).join(', '))}">`,
    grid(low, high, x, y),
    `<path class="oracle" d="M${x(oracleHours)} ${PLOT.top}V${PLOT.bottom}"/><text class="label" x="${Number(x(oracleHours)) + 5}" y="${PLOT.top + 10}">oracle</text>`,
    ...curves,
    `<text class="label" x="${PLOT.right}" y="${HEIGHT - 8}" text-anchor="end">instance-hours a day</text></svg>`,
  ].join('');
}

function grid(low: number, high: number, x: (value: number) => string, y: (value: number) => string): string {
  const lines: string[] = [];
  for (let pct = 0; pct <= MOST_PCT; pct++)
    lines.push(
      `<path class="grid" d="M${PLOT.left} ${y(pct)}H${PLOT.right}"/><text class="label" x="${PLOT.left - 8}" y="${Number(y(pct)) + 4}" text-anchor="end">${pct} %</text>`,
    );
  const step = high - low > 80 ? 20 : 10;
  for (let hours = low; hours <= high; hours += step)
    lines.push(
      `<text class="label" x="${x(hours)}" y="${PLOT.bottom + 20}" text-anchor="middle">${hours}</text>`,
    );
  return lines.join('');
}
