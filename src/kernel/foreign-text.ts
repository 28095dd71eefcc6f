/** What in foreign text is no text: control characters, and marks that reorder or break what stands around them. */

// Of the directions: ALM, LRM, RLM, and those that embed, override or isolate (UAX #9); of lines: U+2028 and U+2029.
const HIDDEN = '\\p{Cc}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069';

/** Matches one of them, everywhere. */
export const HIDDEN_CHARACTER = new RegExp(`[${HIDDEN}]`, 'gu');

/** One line: line breaks and tabs become spaces, everything else of these a visible mark. */
export function onOneLine(text: string): string {
  return text.replace(HIDDEN_CHARACTER, (c) => (/\s/.test(c) ? ' ' : '\ufffd'));
}
