/** Takes one instance out without losing what it holds: rest, deregister, look again, end; or all of it undone. */
import { isRocError } from '../../kernel/errors.js';
import type { Group, Written } from '../group/facts.js';
import type { Node } from '../group/nodes.js';
import { isSwitchedOff } from '../group/switch.js';
import type { ScaleIn } from '../lease/record.js';
import { type DrainParts, isOut, type Progress } from './progress.js';
import { findServer } from './server.js';
import { setAside, turnBack, undo } from './undo.js';

/** As far as it goes now. Safe to call again after a crash between any two of its calls. */
export async function advance(parts: DrainParts, operation: ScaleIn): Promise<Progress> {
  const group = await parts.fleet.group();
  if (!isInService(group, operation)) return away(parts, group, operation);
  if (operation.step === 'undoing') return undo(parts, operation);
  const why = objection(parts, group, operation);
  if (why !== null) return turnBack(parts, operation, why);
  if (operation.step === 'draining') return rest(parts, operation);
  if (operation.step === 'deregistering') return takeOut(parts, operation);
  return end(parts, operation);
}

function isInService(group: Group, operation: ScaleIn): boolean {
  return lifecycleOf(group, operation) === 'InService';
}

function lifecycleOf({ instances }: Group, { instanceId }: ScaleIn): string | undefined {
  return instances.find(({ id }) => id === instanceId)?.lifecycle;
}

/** It ends or has ended, or somebody has put it aside (`Standby`, `Detaching`, …). */
async function away(parts: DrainParts, group: Group, operation: ScaleIn): Promise<Progress> {
  const { instanceId, step, after } = operation;
  const lifecycle = lifecycleOf(group, operation);
  if (lifecycle !== undefined && !lifecycle.startsWith('Terminat'))
    return setAside(parts, operation, lifecycle);
  // The crash was after the last call: the group has done what was asked.
  if (step === 'terminating' && group.desired <= after)
    return { operation, state: 'done', says: `${instanceId} ends` };
  return { operation, state: 'left', says: `${instanceId} left the group without roc` };
}

function objection({ now, stop }: DrainParts, group: Group, operation: ScaleIn): string | null {
  const { before, deadline, instanceId } = operation;
  if (stop !== undefined) return stop;
  if (isSwitchedOff(group)) return 'roc:scale=off was set';
  if (group.desired !== before) return `somebody set the desired capacity to ${group.desired}`;
  if (group.instances.some(({ id, isProtected }) => id === instanceId && isProtected))
    return `${instanceId} is protected from scale-in now`;
  return now() > deadline ? `${instanceId} did not come to rest in time` : null;
}

async function rest(parts: DrainParts, operation: ScaleIn): Promise<Progress> {
  const { instanceId, beats } = operation;
  const { node, isSilent } = await findServer(parts, operation);
  if (isSilent)
    return { operation, state: 'going', says: `nothing was heard of the server on ${instanceId}` };
  if (node === null) return next(parts, operation, 'deregistering');
  if (node.state === 'online') {
    if (beats !== null && beats.node === node.id)
      return turnBack(parts, operation, `somebody resumed the server on ${instanceId}`);
    parts.guard();
    const told = await parts.nodes.drain(node.id);
    const first = { node: node.id, told: told.lastSeenAt, after: null };
    return going(parts, { ...operation, beats: first }, `${instanceId} was told to rest`);
  }
  const seen = beatsAfter(beats, node);
  if (isAtRest(seen, node)) return next(parts, operation, 'deregistering');
  const says = `${instanceId} holds ${node.held} calls`;
  const isNews = seen.node !== beats?.node || seen.after !== beats.after;
  return isNews ? going(parts, { ...operation, beats: seen }, says) : { operation, state: 'going', says };
}

type Beats = NonNullable<ScaleIn['beats']>;

function beatsAfter(beats: Beats | null, node: Node): Beats {
  if (beats?.node !== node.id) return { node: node.id, told: node.lastSeenAt, after: null };
  return beats.after === null && node.lastSeenAt !== beats.told
    ? { ...beats, after: node.lastSeenAt }
    : beats;
}

// A server learns in one beat that it shall rest; what it counted before that says nothing. The second beat counts.
function isAtRest({ after }: Beats, node: Node): boolean {
  return after !== null && node.lastSeenAt !== after && node.held === 0;
}

async function takeOut(parts: DrainParts, operation: ScaleIn): Promise<Progress> {
  const { instanceId, targetGroupArns, after } = operation;
  const requests: Written[] = [];
  for (const arn of targetGroupArns) {
    const targets = await parts.fleet.targets(arn);
    const others = [...targets].filter(([id, state]) => id !== instanceId && state === 'healthy').length;
    if (others < after)
      return turnBack(
        parts,
        { ...operation, requests: [...operation.requests, ...requests] },
        `only ${others} other targets are healthy and ${after} are to stay`,
      );
    if (isOut(targets.get(instanceId))) continue;
    parts.guard();
    requests.push(await parts.fleet.deregister(arn, instanceId));
  }
  return next(parts, { ...operation, requests: [...operation.requests, ...requests] }, 'terminating');
}

async function end(parts: DrainParts, operation: ScaleIn): Promise<Progress> {
  const { instanceId, targetGroupArns } = operation;
  for (const arn of targetGroupArns) {
    if (!isOut((await parts.fleet.targets(arn)).get(instanceId)))
      return turnBack(parts, operation, `somebody put ${instanceId} back into its target group`);
  }
  const { node, isSilent } = await findServer(parts, operation);
  if (isSilent)
    return { operation, state: 'going', says: `nothing was heard of the server on ${instanceId}` };
  if (node !== null && (node.held > 0 || node.state === 'online'))
    return turnBack(parts, operation, `${instanceId} has taken work again: it holds ${node.held} calls`);
  // The last look before the one step that nothing undoes.
  const group = await parts.fleet.group();
  if (!isInService(group, operation)) return away(parts, group, operation);
  const why = objection(parts, group, operation);
  if (why !== null) return turnBack(parts, operation, why);
  parts.guard();
  try {
    const written = await parts.fleet.terminate(instanceId);
    const requests = [...operation.requests, written];
    return { operation: { ...operation, requests }, state: 'done', says: `${instanceId} ends` };
  } catch (error) {
    if (!isRocError(error) || error.code !== 'ROC_INVALID_INPUT') throw error;
    // The group says no: its minimum was raised, the instance is protected, or it is ending already.
    const now = await parts.fleet.group();
    return isInService(now, operation)
      ? turnBack(parts, operation, error.message)
      : away(parts, now, operation);
  }
}

async function next(
  parts: DrainParts,
  operation: ScaleIn,
  step: 'deregistering' | 'terminating',
): Promise<Progress> {
  const moved = { ...operation, step };
  await parts.write(moved);
  return step === 'deregistering' ? takeOut(parts, moved) : end(parts, moved);
}

async function going(parts: DrainParts, operation: ScaleIn, says: string): Promise<Progress> {
  await parts.write(operation);
  return { operation, state: 'going', says };
}
