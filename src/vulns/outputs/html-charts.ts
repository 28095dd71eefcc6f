/** The charts of the HTML report: plain SVG from counts, readable without colour. */
import { escapeHtml } from '../../kernel/html-text.js';

export interface Bar {
  readonly label: string;
  readonly count: number;
  readonly tone: string;
}

const WIDTH = 520;
const ROW = 30;
const LABEL = 130;
const FIGURE = 70;

/** Horizontal bars with their figures; an all-zero chart says so. */
export function barChart(title: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  const height = bars.length * ROW + 4;
  const rows = bars.map((bar, i) => {
    const y = i * ROW + 4;
    const width = Math.max(bar.count === 0 ? 0 : 2, ((WIDTH - LABEL - FIGURE) * bar.count) / most);
    return (
      `<text x="${LABEL - 10}" y="${y + 18}" text-anchor="end" class="label">${escapeHtml(bar.label)}</text>` +
      `<rect x="${LABEL}" y="${y + 3}" width="${WIDTH - LABEL - FIGURE}" height="20" rx="3" class="track"/>` +
      `<rect x="${LABEL}" y="${y + 3}" width="${width.toFixed(1)}" height="20" rx="3" class="${bar.tone}"/>` +
      `<text x="${WIDTH - FIGURE + 8}" y="${y + 18}" class="figure">${bar.count.toLocaleString('en')}</text>`
    );
  });
  const told = bars.map((bar) => `${bar.label} ${bar.count}`).join(', ');
  return (
    `<figure><figcaption>${escapeHtml(title)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(`${title}: ${told}`)}">${rows.join('')}</svg></figure>`
  );
}
