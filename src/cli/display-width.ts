/** How wide a text is on a terminal, and the same cut to fit. */

/** Columns that a text takes: two for East Asian wide characters and emoji, none for combining marks. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const c of text) width += /\p{M}|\u200d|\ufe0f/u.test(c) ? 0 : WIDE.test(c) ? 2 : 1;
  return width;
}

/** Cuts a text to so many columns, with an ellipsis where something is gone. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const c of text) {
    const next = width + displayWidth(c);
    if (next > columns - 1) break;
    kept += c;
    width = next;
  }
  return `${kept}…`;
}

// Unicode's East_Asian_Width W and F in ranges wide enough for columns of a table (UAX #11).
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
