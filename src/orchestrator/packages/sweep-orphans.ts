/** Removes packages that were stored, but whose version was never recorded: a node that died in between left them. */
import type { Clock } from '../../kernel/time.js';
import type { Blobs } from '../blobs/blobs.js';

export interface SweepOrphans {
  /** How the keys of packages begin. */
  readonly prefix: string;
  /** Whether the database knows the blob. */
  readonly isKnown: (key: string) => Promise<boolean>;
  readonly now: Clock;
  /** Milliseconds; must be longer than any upload takes from its first byte to its record. */
  readonly minAge: number;
}

/** @returns how many were removed */
export async function sweepOrphans(blobs: Blobs, sweep: SweepOrphans): Promise<number> {
  let removed = 0;
  for await (const { key, modifiedAt } of blobs.list(sweep.prefix)) {
    if (sweep.now() - modifiedAt < sweep.minAge || (await sweep.isKnown(key))) continue;
    await blobs.delete(key);
    removed++;
  }
  return removed;
}
