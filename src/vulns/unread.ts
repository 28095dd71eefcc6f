/** What was not looked at, held against gates: a gate that saw half of the findings has let nothing pass. */
import type { GateResult, GateRule } from './decide/gates.js';

export interface Looks {
  /** Records that could not be read. */
  readonly lost: number;
  readonly files: number;
  /** Listings of live services that were read; null where none was asked. */
  readonly listings: number | null;
}

/** The name of the gate that only fails, in reports and evidence. */
export const UNREAD = 'unread';

/** None where no gate judges: then the report says what it could not read, and no more. */
export function unreadGates(
  gates: readonly GateRule[],
  { limits }: { readonly limits: { readonly unread: 'warn' | 'fail' } },
  { lost, files, listings }: Looks,
): readonly GateResult[] {
  const isBlind = listings === 0 && files === 0;
  if (gates.length === 0 || (!isBlind && (lost === 0 || limits.unread === 'warn'))) return [];
  return [{ name: UNREAD, passed: false, count: Math.max(lost, 1), max: 0 }];
}
