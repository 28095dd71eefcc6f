/** Which chunks of a table are read when not all are, and how likely damage is found by them. Pure. */
import { createHash } from 'node:crypto';

/**
 * `wanted` of `total` chunk numbers, in order; decided by the seed alone, so that an auditor draws the same ones.
 * @param seed drawn after the restore: whoever wrote the manifest could not know it
 */
export function drawChunks(seed: string, table: string, total: number, wanted: number): number[] {
  const all = Array.from({ length: total }, (_, i) => i);
  if (wanted >= total) return all;
  const rank = (i: number) => createHash('sha256').update(`${seed}\n${table}\n${i}`).digest('hex');
  const ranked = all.map((i) => ({ i, rank: rank(i) }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked
    .slice(0, wanted)
    .map(({ i }) => i)
    .sort((a, b) => a - b);
}

/**
 * Probability that at least one of `damaged` chunks is among `drawn` of `total`: 1 - C(total-damaged, drawn) /
 * C(total, drawn).
 */
export function detection(total: number, drawn: number, damaged: number): number {
  if (damaged <= 0 || drawn <= 0) return 0;
  if (drawn + damaged > total) return 1;
  let missed = 1;
  for (let i = 0; i < drawn; i++) missed *= (total - damaged - i) / (total - i);
  return 1 - missed;
}

/** Damage of 1 % of the chunks, at least one. */
export function onePercent(total: number): number {
  return Math.max(1, Math.ceil(total / 100));
}
