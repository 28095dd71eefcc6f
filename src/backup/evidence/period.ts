/** Periods as auditors name them: 2026-Q4, 2026-10, 2026; in UTC. Pure. */
import { RocError } from '../../kernel/errors.js';

export interface Period {
  readonly name: string;
  /** Epoch milliseconds; the end is not in it. */
  readonly from: number;
  readonly to: number;
}

/** @throws RocError ROC_USAGE */
export function parsePeriod(text: string): Period {
  const [, year, quarter, month] = /^(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?$/.exec(text) ?? [];
  if (year === undefined)
    throw new RocError('ROC_USAGE', `"${text}" is no period`, { hint: 'Write 2026-Q4, 2026-10 or 2026.' });
  const [first, months] =
    quarter !== undefined
      ? [(Number(quarter) - 1) * 3, 3]
      : month !== undefined
        ? [Number(month) - 1, 1]
        : [0, 12];
  const from = Date.UTC(Number(year), first);
  return { name: text, from, to: Date.UTC(Number(year), first + months) };
}
