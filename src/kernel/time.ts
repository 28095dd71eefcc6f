/** Durations and instants: what people write, what roc stores (epoch milliseconds), what it prints (ISO 8601 UTC). */
import { RocError } from './errors.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A source of "now" in epoch milliseconds; rooms take it as an argument so that tests own time. */
export type Clock = () => number;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/**
 * Reads `90s`, `15m`, `26h`, `7d`, `1h30m`, or a bare number of seconds, as milliseconds.
 * @throws RocError ROC_USAGE when the text is no duration
 */
export function parseDuration(text: string): number {
  const ms = Math.round(durationOf(text.trim()));
  if (Number.isSafeInteger(ms)) return ms;
  throw new RocError('ROC_USAGE', `"${text}" is not a duration`, {
    hint: 'Write a number with a unit: 500ms, 90s, 15m, 26h, 7d, or 1h30m.',
  });
}

// NaN where the text is none.
function durationOf(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * SECOND;
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return Number.NaN;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? Number.NaN);
  }
  return total;
}

/** `1h 3m`, `12.4s`, `85ms`: the two largest units, for people. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (Math.round(ms) < SECOND) return `${Math.round(ms)}ms`;
  const seconds = ms < 9950 ? (ms / SECOND).toFixed(1) : Math.round(ms / SECOND);
  if (Number(seconds) < 60) return `${seconds}s`;
  return twoUnits(Math.round(ms / SECOND) * SECOND);
}

function twoUnits(ms: number): string {
  const units: [string, number][] = [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
  ];
  const first = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[first] ?? ['s', SECOND];
  const [nextName, nextSize] = units[first + 1] ?? ['s', SECOND];
  const rest = Math.floor((ms % size) / nextSize);
  return rest === 0
    ? `${Math.floor(ms / size)}${name}`
    : `${Math.floor(ms / size)}${name} ${rest}${nextName}`;
}

/** Epoch milliseconds as ISO 8601 UTC, or null for null. */
export function isoTime(ms: number): string;
export function isoTime(ms: number | null): string | null;
export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
