/** Text from outside made safe for a terminal: nothing in it may move the cursor, hide text or reverse its order. */

// Control characters, and the marks that reverse the reading direction of what follows.
const UNSAFE = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;
const UNSAFE_OR_COLOUR = new RegExp(`\\u001b\\[[\\d;]*m|${UNSAFE.source}`, 'gu');

/** One line: line breaks and tabs become spaces, every other control character a visible mark. */
export function printableLine(text: string): string {
  return text.replace(UNSAFE, (c) => (/\s/.test(c) ? ' ' : '\ufffd'));
}

/** A value in a cell or field: one line, and a hyphen for what is absent. */
export function printableValue(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : printableLine(String(value));
}

/** Several lines: line breaks, tabs and colours stay, a carriage return goes, the rest becomes a visible mark. */
export function printableText(text: string): string {
  return text.replace(UNSAFE_OR_COLOUR, (c) => {
    if (c.length > 1 || c === '\n' || c === '\t') return c;
    return c === '\r' ? '' : '\ufffd';
  });
}
