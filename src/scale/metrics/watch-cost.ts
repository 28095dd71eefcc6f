/** What a month of watching costs, from what the group is now. */
import { isRocError } from '../../kernel/errors.js';
import { burstBaseline } from '../group/burst-types.js';
import type { ScaleRoom } from '../room.js';
import { type MonthlyCost, monthlyCost } from './watched.js';

/** @throws RocError where the group does not exist or may not be read: nothing could be watched */
export async function watchCost({ parts, watched }: ScaleRoom): Promise<MonthlyCost> {
  const { bounds, timing } = parts.policy;
  const isBursting = await hasCredits(parts.fleet);
  return monthlyCost(watched, isBursting ? bounds.max : 0, timing.poll);
}

async function hasCredits(fleet: ScaleRoom['parts']['fleet']): Promise<boolean> {
  if (fleet.kind === 'service') return false;
  try {
    return (await fleet.group()).instances.some(({ type }) => burstBaseline(type ?? '') !== null);
  } catch (error) {
    const mayPass = isRocError(error) && /^ROC_(UNAVAILABLE|UNREACHABLE|TIMEOUT|THROTTLED)$/.test(error.code);
    if (!mayPass) throw error;
    // AWS is unwell: watching begins all the same, and the dearer case is told.
    return true;
  }
}
