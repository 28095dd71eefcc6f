/** `roc scale apply --native`: AWS's own scaling as a floor beneath roc, where it is not there yet. */
import { RocError } from '../kernel/errors.js';
import { bootTime } from './gather.js';
import type { Written } from './group/facts.js';
import { installNative, nativeSteps } from './group/native.js';
import type { ScaleRoom } from './room.js';

export interface NativeApplied {
  readonly group: string;
  readonly installed: readonly string[];
  readonly requests: readonly Written[];
}

/** @throws RocError ROC_USAGE for a service of ECS, ROC_REFUSED without a yes */
export async function applyNative(
  { parts, native }: ScaleRoom,
  confirm: (question: string) => Promise<void>,
): Promise<NativeApplied> {
  const { fleet, policy, place } = parts;
  if (fleet.kind === 'service') {
    throw new RocError('ROC_USAGE', '--native is for groups of instances', {
      hint: 'The floor of a service is made by `roc provision`.',
    });
  }
  const [group, contenders, activities] = await Promise.all([
    fleet.group(),
    fleet.contenders(),
    fleet.activities(),
  ]);
  const bootMs = bootTime(activities);
  const steps = nativeSteps(group, contenders, policy, bootMs);
  if (steps.length === 0) return { group: place.name, installed: [], requests: [] };
  await confirm(`Install on ${place.name}: ${steps.map(({ what }) => what).join('; ')}?`);
  const requests = await installNative(parts, native, group, steps, bootMs);
  return { group: place.name, installed: steps.map(({ id }) => id), requests };
}
