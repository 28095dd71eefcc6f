/** Text from outside made safe for a terminal: nothing in it may move the cursor, hide text or reverse its order. */
import { HIDDEN_CHARACTER, onOneLine } from '../kernel/foreign-text.js';

const HIDDEN_OR_COLOUR = new RegExp(`\\u001b\\[[\\d;]*m|${HIDDEN_CHARACTER.source}`, 'gu');

/** One line: line breaks and tabs become spaces, every other control character a visible mark. */
export function printableLine(text: string): string {
  return onOneLine(text);
}

/** A value in a cell or field: one line, and a hyphen for what is absent. */
export function printableValue(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : printableLine(String(value));
}

/** Several lines: line breaks, tabs and colours stay, a carriage return goes, the rest becomes a visible mark. */
export function printableText(text: string): string {
  return text.replace(HIDDEN_OR_COLOUR, (c) => (c.length > 1 ? c : shown(c)));
}

/** The same without colours: in what AWS, a server or a file said, they are nobody's but its own, and may hide the rest. */
export function printablePlain(text: string): string {
  return text.replace(HIDDEN_CHARACTER, shown);
}

function shown(c: string): string {
  if (c === '\n' || c === '\t') return c;
  return c === '\r' ? '' : '\ufffd';
}
