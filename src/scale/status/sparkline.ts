/** A row of small bars: how a value went, in as many characters as there is room for. Pure. */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** For terminals without Unicode; taller signs stand for more. */
const LETTERS = ['_', '.', '-', '=', '+', '*', '#', '@'];

export interface SparklineOptions {
  readonly width: number;
  readonly isUnicode: boolean;
  /** What a full bar means; the highest value by default. */
  readonly top?: number;
}

/** Several values that share a place show their highest; a place without any stays blank. */
export function sparkline(
  values: readonly (number | null)[],
  { width, isUnicode, top }: SparklineOptions,
): string {
  const places = resampled(values, width);
  const highest = top ?? Math.max(0, ...places.filter((value) => value !== null));
  const signs = isUnicode ? BLOCKS : LETTERS;
  return places
    .map((value) => {
      if (value === null) return ' ';
      const share = highest <= 0 ? 0 : Math.min(1, Math.max(0, value / highest));
      return signs[Math.min(signs.length - 1, Math.floor(share * signs.length))];
    })
    .join('')
    .padStart(width);
}

function resampled(values: readonly (number | null)[], width: number): (number | null)[] {
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, i) => {
    const slice = values.slice(
      Math.floor((i * values.length) / width),
      Math.floor(((i + 1) * values.length) / width),
    );
    const known = slice.filter((value) => value !== null);
    return known.length === 0 ? null : Math.max(...known);
  });
}
