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

/**
 * Where more is unknown than known nothing is removed: this is the database of another installation, or one that was set
 * back, and what it does not know may be all that somebody has.
 * @returns how many were removed, or would have been
 */
export async function sweepOrphans(
  blobs: Blobs,
  sweep: SweepOrphans,
): Promise<{ readonly removed: number; readonly spared: number }> {
  const orphans: string[] = [];
  let known = 0;
  for await (const { key, modifiedAt } of blobs.list(sweep.prefix)) {
    if (await sweep.isKnown(key)) known++;
    else if (sweep.now() - modifiedAt >= sweep.minAge) orphans.push(key);
  }
  if (orphans.length > known) return { removed: 0, spared: orphans.length };
  for (const key of orphans) await blobs.delete(key);
  return { removed: orphans.length, spared: 0 };
}
