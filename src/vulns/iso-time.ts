/** Instants as ISO 8601 for millions of findings: the day's text is made once, the time of day by arithmetic. */
import { DAY, HOUR, isoTime, MINUTE, SECOND } from '../kernel/time.js';

const days = new Map<number, string>();
const MOST_DAYS = 50_000;
const TWO = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'));
const THREE = Array.from({ length: 1000 }, (_, i) => String(i).padStart(3, '0'));

/** Equal to `isoTime(ms)`. */
export function fastIsoTime(ms: number): string {
  const day = Math.floor(ms / DAY);
  const rest = ms - day * DAY;
  const clock = `${TWO[Math.floor(rest / HOUR)]}:${TWO[Math.floor(rest / MINUTE) % 60]}:${TWO[Math.floor(rest / SECOND) % 60]}`;
  return `${days.get(day) ?? dayText(day)}${clock}.${THREE[Math.floor(rest) % SECOND]}Z`;
}

/** `2025-02-01T` */
function dayText(day: number): string {
  const text = isoTime(day * DAY).slice(0, -13);
  if (days.size >= MOST_DAYS) days.clear();
  days.set(day, text);
  return text;
}
