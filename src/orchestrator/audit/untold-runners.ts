/** Runners as the database has them, held to what the audit chain tells of their coming in: who has their keys gets the jobs. Pure. */
import type { HeldRunner } from '../store/audit-state.js';
import type { ToldRunner } from './told-state.js';

export interface UntoldRunner {
  readonly kind: 'runner';
  readonly id: string;
  readonly message: string;
}

export function untoldRunners(
  held: readonly HeldRunner[],
  told: ReadonlyMap<string, ToldRunner>,
): UntoldRunner[] {
  return held.flatMap((runner) => {
    const fault = faultOf(runner, told.get(runner.id));
    const { id, name } = runner;
    return fault === null ? [] : [{ kind: 'runner' as const, id, message: `the runner ${name} ${fault}` }];
  });
}

function faultOf({ pool, signKey, boxKey }: HeldRunner, told: ToldRunner | undefined): string | null {
  if (told === undefined) return 'is registered, and the chain says otherwise';
  if (differs(signKey, told.signKey) || differs(boxKey, told.boxKey))
    return 'has other keys than it came in with';
  if (pool !== told.pool)
    return `takes jobs of the pool ${pool ?? '(another tenant’s)'}, and came in for ${told.pool}`;
  return told.tokenFault;
}

function differs(held: string, told: string | null): boolean {
  return told !== null && held !== told;
}
