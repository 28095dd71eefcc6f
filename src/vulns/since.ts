/** `--since`: an instant, or so many days or hours before now. */
import { RocError } from '../kernel/errors.js';
import { DAY, HOUR } from '../kernel/time.js';

const AGE = /^(\d{1,5})([dh])$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/;

/** @returns epoch milliseconds @throws RocError ROC_USAGE */
export function parseSince(text: string, now: number): number {
  const [, count, unit] = AGE.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (unit === 'd' ? DAY : HOUR);
  const ms = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new RocError('ROC_USAGE', `--since ${text} is no time`, {
    hint: 'Write 7d, 12h, 2026-04-05 or 2026-04-05T12:00:00Z.',
  });
}
