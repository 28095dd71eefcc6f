/** A master key with its predecessors: new data keys are wrapped by the one, old ones are opened by whoever made them. */
import type { Kms } from './kms.js';

export function createKeyRing(present: Kms, former: readonly Kms[]): Kms {
  if (former.length === 0) return present;
  const makerOf = (wrapped: string) => [present, ...former].find((kms) => kms.isOwn(wrapped)) ?? present;
  return { ...present, unwrap: (wrapped, context) => makerOf(wrapped).unwrap(wrapped, context) };
}
