/** Carries a decision out: looks once more, writes an absolute number, and leaves a record of it. */
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { RocError } from '../kernel/errors.js';
import { isoTime } from '../kernel/time.js';
import type { AuditEntry } from './audit.js';
import type { ControllerParts } from './controller-parts.js';
import type { Decision } from './decide/decision.js';
import type { Gathered } from './gather.js';
import type { Group, Written } from './group/facts.js';
import { isSwitchedOff } from './group/switch.js';
import type { LeaseRecord, ScaleIn } from './lease/record.js';
import { asking } from './lease/saved-state.js';
import { WRITE_LIMIT } from './lease/write-limit.js';
import { chooseVictim } from './scale-in/victim.js';

export type Acted =
  | {
      readonly kind: 'set';
      readonly before: number;
      readonly after: number;
      readonly requests: readonly Written[];
    }
  | { readonly kind: 'begun'; readonly operation: ScaleIn; readonly record: LeaseRecord }
  /** Nothing was changed, and why. */
  | { readonly kind: 'kept'; readonly why: string; readonly handOver?: true };

/**
 * @throws RocError ROC_PRECONDITION_FAILED where somebody changed the group since the decision, ROC_STALE_LEASE,
 * and whatever AWS says; nothing has changed then, or exactly what was decided
 */
export async function act(
  parts: ControllerParts,
  decision: Decision,
  gathered: Gathered,
  record: LeaseRecord,
): Promise<Acted> {
  if (decision.desired === decision.current) return { kind: 'kept', why: 'nothing is to be done' };
  const group = await parts.fleet.group();
  if (isSwitchedOff(group)) return { kind: 'kept', why: 'the tag roc:scale=off is set' };
  if (group.desired !== decision.current) throw stale(group, decision);
  if (decision.desired < group.min || decision.desired > group.max)
    return {
      kind: 'kept',
      why: `${decision.desired} is outside of the group's ${group.min} to ${group.max}`,
    };
  if (decision.desired < decision.current && parts.fleet.kind === 'group')
    return begin(parts, decision, gathered, group, record);
  return set(parts, decision, gathered, record);
}

async function set(
  parts: ControllerParts,
  decision: Decision,
  gathered: Gathered,
  record: LeaseRecord,
): Promise<Acted> {
  const { current: before, desired: after } = decision;
  const entry: AuditEntry = {
    ...{ at: isoTime(parts.now()), group: parts.place.name, action: 'set-desired', outcome: 'begins' },
    ...{ instanceId: null, before, after, reasons: decision.reasons },
    ...{ inputsHash: canonicalSha256(gathered.snapshot), policyHash: parts.loaded.sha256 },
    ...{ lease: leaseOf(record), requests: [], error: null },
  };
  await noted(parts, entry, after > before);
  try {
    parts.lease.guard(WRITE_LIMIT);
    const written = await parts.fleet.setDesired(after);
    await noted(parts, { ...entry, at: isoTime(parts.now()), outcome: 'done', requests: [written] }, true);
    return { kind: 'set', before, after, requests: [written] };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    await noted(parts, { ...entry, at: isoTime(parts.now()), outcome: 'failed', error: said }, true);
    throw error;
  }
}

async function begin(
  parts: ControllerParts,
  decision: Decision,
  gathered: Gathered,
  group: Group,
  record: LeaseRecord,
): Promise<Acted> {
  const { policy } = parts;
  const restsServer = policy.rails.drainJobs;
  if (restsServer && parts.nodes === null)
    return { kind: 'kept', why: 'no server can be told to rest: set ROC_URL and ROC_TOKEN' };
  if (group.suspended.includes('Terminate'))
    return { kind: 'kept', why: 'the group has Terminate suspended' };
  const nodes = restsServer ? ((await parts.nodes?.list()) ?? []) : null;
  const victim = chooseVictim({
    ...{ group, nodes, credits: gathered.credits, self: parts.self, perAz: policy.bounds.perAz },
  });
  if (victim.instance === null)
    return { kind: 'kept', why: victim.why, ...(victim.isSelf ? { handOver: true as const } : {}) };
  const startedAt = parts.now();
  const operation: ScaleIn = {
    ...{ group: group.name, instanceId: victim.instance.id, zone: victim.instance.zone, restsServer },
    ...{
      beats: null,
      targetGroupArns: [...group.targetGroupArns],
      step: 'draining',
      why: null,
      requests: [],
    },
    ...{ before: decision.current, after: decision.current - 1 },
    ...{ startedAt, deadline: startedAt + policy.timing.drain },
    ...{ reasons: [...decision.reasons, victim.why], inputsHash: canonicalSha256(gathered.snapshot) },
    policyHash: parts.loaded.sha256,
  };
  await noted(parts, scaleInEntry(parts, operation, record, 'begins', null), false);
  // One goes at a time, whatever is asked for: the number that this makes is roc's own.
  const state = asking(decision.state, operation.before, operation.after);
  return { kind: 'begun', operation, record: await parts.lease.write({ operation, state }) };
}

/** The line of a scale-in that began, ended or was undone. */
export function scaleInEntry(
  parts: ControllerParts,
  operation: ScaleIn,
  record: LeaseRecord,
  outcome: AuditEntry['outcome'],
  error: string | null,
): AuditEntry {
  const { group, instanceId, before, after, reasons, inputsHash, policyHash, requests } = operation;
  return {
    ...{ at: isoTime(parts.now()), group, action: 'scale-in', outcome, instanceId, before, after, reasons },
    ...{ inputsHash, policyHash, lease: leaseOf(record), requests, error },
  };
}

/** A record that cannot be written stops what takes capacity away, and nothing else. */
export async function noted(parts: ControllerParts, entry: AuditEntry, isNeeded: boolean): Promise<void> {
  parts.log.info({ ...entry }, `${entry.action} ${entry.outcome}`);
  try {
    await parts.audit.append(entry);
  } catch (cause) {
    if (!isNeeded)
      throw new RocError(
        'ROC_DATA_DIR_UNUSABLE',
        'the record of actions cannot be written: nothing is scaled in',
        {
          hint: 'Make scale.dir of roc.yaml writable.',
          cause,
        },
      );
    parts.log.error({ err: cause }, 'the record of actions cannot be written');
  }
}

function leaseOf({ holder, fence }: LeaseRecord): AuditEntry['lease'] {
  return holder === null ? null : { holder, fence };
}

function stale(group: Group, { current }: Decision): RocError {
  return new RocError(
    'ROC_PRECONDITION_FAILED',
    `stale plan: somebody set the desired capacity of ${group.name} from ${current} to ${group.desired}`,
    { hint: 'Plan again with `roc scale plan`; nothing was changed.' },
  );
}
