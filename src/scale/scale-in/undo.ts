/** All of a scale-in undone: the instance back in its target groups, its server back at work. */
import type { Written } from '../group/facts.js';
import type { ScaleIn } from '../lease/record.js';
import { type DrainParts, isOut, type Progress } from './progress.js';
import { resumeServer } from './server.js';

/** Writes down that it is undone, and undoes it; where a call fails, the next look goes on. */
export async function turnBack(parts: DrainParts, operation: ScaleIn, why: string): Promise<Progress> {
  return undo(parts, await asUndoing(parts, operation, why));
}

export async function undo(parts: DrainParts, operation: ScaleIn): Promise<Progress> {
  const { instanceId, targetGroupArns, why } = operation;
  const requests: Written[] = [];
  for (const arn of targetGroupArns) {
    if (!isOut((await parts.fleet.targets(arn)).get(instanceId))) continue;
    parts.guard();
    requests.push(await parts.fleet.register(arn, instanceId));
  }
  // Requests again first, calls that are held after that: the balancer is not to find it at rest.
  const more = await resumeServer(parts, operation);
  return {
    operation: { ...operation, requests: [...operation.requests, ...requests] },
    state: 'undone',
    says: `${instanceId} stays: ${why}${more}`,
  };
}

/**
 * Somebody took it out of service, and it lives: it is theirs. Its server takes work again, so that it does not come
 * back at rest; its target groups are the group's own matter, which registers it when it comes back.
 */
export async function setAside(parts: DrainParts, operation: ScaleIn, lifecycle: string): Promise<Progress> {
  const says = `${operation.instanceId} is no longer in service: somebody made it ${lifecycle}`;
  const undoing = await asUndoing(parts, operation, says);
  return { operation: undoing, state: 'left', says: `${says}${await resumeServer(parts, undoing)}` };
}

async function asUndoing(parts: DrainParts, operation: ScaleIn, why: string): Promise<ScaleIn> {
  if (operation.step === 'undoing') return operation;
  const undoing = { ...operation, step: 'undoing' as const, why };
  await parts.write(undoing);
  return undoing;
}
