/** Instants as monitoring tools write them; a text whose day and month could be swapped is none. */
import { MINUTE, SECOND } from '../../../kernel/time.js';

const CALENDAR =
  /^(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;

/**
 * ISO 8601 with or without its zone (UTC where it has none), `2026/03/01 10:15`, epoch seconds or milliseconds.
 * @returns epoch milliseconds, or null where the text is no instant
 */
export function parseTimestamp(text: string): number | null {
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Math.round(Number(text) * SECOND);
  if (/^\d{12,13}$/.test(text)) return Number(text);
  const match = CALENDAR.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', zone] = match;
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)] as const;
  const utc = Date.UTC(...parts, Math.min(59, Number(second)), Math.trunc(Number(`0.${fraction}`) * SECOND));
  // Date.UTC rolls 31 February over into March; what does not come back as it went in was no date.
  const back = new Date(utc);
  const isReal =
    back.getUTCMonth() === parts[1] && back.getUTCDate() === parts[2] && back.getUTCHours() === parts[3];
  return isReal && Number(minute) < 60 && Number(second) <= 60 ? utc - zoneOffset(zone) : null;
}

function zoneOffset(zone: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * MINUTE;
}
