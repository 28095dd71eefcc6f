/** The bars of a report: times beside their target, plain SVG, readable without colour. */
import { escapeHtml } from '../../kernel/html-text.js';
import { timeText } from './words.js';

export interface TimeBar {
  readonly label: string;
  /** Milliseconds; null where it was not reached. */
  readonly ms: number | null;
}

const WIDTH = 760;
const ROW = 34;
const LABEL = 190;
const FIGURE = 110;

export function timeBars(bars: readonly TimeBar[], target: number): string {
  const longest = Math.max(target, ...bars.map(({ ms }) => ms ?? 0), 1);
  const scale = (WIDTH - LABEL - FIGURE) / (longest * 1.05);
  const height = bars.length * ROW + 30;
  const rows = bars.map(({ label, ms }, i) => {
    const y = i * ROW + 6;
    const width = ms === null ? 0 : Math.max(3, ms * scale);
    const tone = ms !== null && ms > target ? 'late' : 'bar';
    return (
      `<text x="${LABEL - 12}" y="${y + 17}" text-anchor="end" class="label">${escapeHtml(label)}</text>` +
      `<rect x="${LABEL}" y="${y + 2}" width="${WIDTH - LABEL - FIGURE}" height="20" rx="4" class="track"/>` +
      `<rect x="${LABEL}" y="${y + 2}" width="${width.toFixed(1)}" height="20" rx="4" class="${tone}"/>` +
      `<text x="${WIDTH - FIGURE + 10}" y="${y + 17}" class="figure">${escapeHtml(timeText(ms))}</text>`
    );
  });
  const at = (LABEL + target * scale).toFixed(1);
  const told = bars.map(({ label, ms }) => `${label} ${timeText(ms)}`).join(', ');
  return (
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(`${told}; target ${timeText(target)}`)}">${rows.join('')}` +
    `<line x1="${at}" x2="${at}" y1="0" y2="${height - 22}" class="target"/><text x="${at}" y="${height - 6}" text-anchor="middle" class="label">target ${escapeHtml(timeText(target))}</text></svg>`
  );
}
