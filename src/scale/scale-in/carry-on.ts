/** One look at a scale-in that has begun: a step further, or its end written down. */
import { RocError } from '../../kernel/errors.js';
import { noted, scaleInEntry } from '../act.js';
import type { ControllerParts } from '../controller-parts.js';
import type { LeaseRecord, ScaleIn } from '../lease/record.js';
import { afterScaleIn, stateOf } from '../lease/saved-state.js';
import { WRITE_LIMIT } from '../lease/write-limit.js';
import { advance } from './drain.js';
import type { Progress } from './progress.js';

export interface CarriedOn {
  readonly record: LeaseRecord;
  readonly progress: Progress;
}

/** @throws RocError where a step could not be taken: the operation stays as it is and is tried again */
export async function carryOn(
  parts: ControllerParts,
  record: LeaseRecord,
  operation: ScaleIn,
  stop?: string,
): Promise<CarriedOn> {
  const { lease, nodes, now } = parts;
  const progress = await advance(
    {
      fleet: parts.fleet,
      nodes: nodes ?? NO_NODES,
      now,
      write: async (next) => void (await lease.write({ operation: next })),
      guard: () => lease.guard(WRITE_LIMIT),
      stop,
    },
    operation,
  );
  if (progress.state === 'going') return { record: { ...record, operation: progress.operation }, progress };
  const outcome = progress.state === 'done' ? 'done' : 'undone';
  const error = outcome === 'done' ? null : progress.says;
  // On the record before it leaves the lease: after a crash in between it is told twice, never not at all.
  await noted(parts, scaleInEntry(parts, progress.operation, record, outcome, error), true);
  const rest = outcome === 'done' ? record.restUntil : now() + parts.policy.scaleIn.cooldown;
  const state = afterScaleIn(stateOf(record), operation, outcome === 'done');
  return { record: await lease.write({ operation: null, restUntil: rest, state }), progress };
}

// Nobody to ask: what is said of a server is then that there is none, and a scale-in never begins without one.
const NO_NODES = {
  list: () => Promise.reject(noServer()),
  drain: () => Promise.reject(noServer()),
  resume: () => Promise.reject(noServer()),
};

function noServer(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'no server can be asked about its nodes', {
    hint: 'Set ROC_URL and ROC_TOKEN: an API key with nodes:read and nodes:manage.',
  });
}
