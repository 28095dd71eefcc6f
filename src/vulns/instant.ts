/** Instants as sources write them: ISO 8601 with any offset, epoch seconds or milliseconds, as text too, and old US text. */

const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** `Dec 3, 2021, 6:02:30 PM`, of the ECR guide; it names no zone and is read as UTC. */
const US_TEXT = /^[A-Z][a-z]{2} \d{1,2}, \d{4},? \d{1,2}:\d{2}:\d{2} [AP]M$/;

const T = 0x54;
const Z = 0x5a;

const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2200, 0, 1);
/** Below this a number is seconds: as milliseconds it would be 1973. */
const SECONDS_BELOW = 1e11;

/** Epoch milliseconds, or null when the value is no instant between 1990 and 2200. */
export function parseInstant(value: unknown): number | null {
  const ms = rawInstant(value);
  return ms !== null && ms >= EARLIEST && ms < LATEST ? ms : null;
}

function rawInstant(value: unknown): number | null {
  if (typeof value === 'number') return fromNumber(value);
  if (value instanceof Date) return value.getTime();
  if (typeof value !== 'string') return null;
  // Nearly every source writes exactly this; Date.parse alone decides then.
  if (value.length <= 24 && value.charCodeAt(10) === T && value.charCodeAt(value.length - 1) === Z) {
    const ms = Date.parse(value);
    if (!Number.isNaN(ms)) return ms;
  }
  const text = value.trim();
  if (ISO.test(text)) return fromIso(text);
  if (NUMBER.test(text)) return fromNumber(Number(text));
  if (US_TEXT.test(text)) return Date.parse(`${text.replace(/(\d{4}),/, '$1')} UTC`);
  return null;
}

function fromIso(text: string): number {
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) && text.length > 10;
  // Without a zone a date-time is local time to Date.parse; sources mean UTC.
  const iso = text.replace(' ', 'T');
  return Date.parse(hasZone || iso.length === 10 ? iso : `${iso}Z`);
}

function fromNumber(value: number): number {
  return Math.round(value < SECONDS_BELOW ? value * 1000 : value);
}
