/** Times as people read them in a list: how long ago, or in how long. */
import { formatDuration, SECOND } from '../kernel/time.js';

/** `3m ago`, `in 2h`, `now`; null stays null. `at` is ISO 8601. */
export function ago(at: string | null, now: number = Date.now()): string | null {
  if (at === null) return null;
  const past = now - Date.parse(at);
  if (Number.isNaN(past)) return at;
  if (Math.abs(past) < SECOND) return 'now';
  // The larger unit alone: "3d ago" tells enough in a column.
  const [largest = ''] = formatDuration(Math.abs(past)).replace(/\.\d+/, '').split(' ');
  return past > 0 ? `${largest} ago` : `in ${largest}`;
}
