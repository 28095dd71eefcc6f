/** The cut-over to a restored copy: the source out of the way, the copy into its name; both renames bear faults that pass. */
import { isRocError, RocError } from '../kernel/errors.js';
import { HOUR } from '../kernel/time.js';
import type { DatabaseFacts } from './facts.js';
import { type Room, realWorld } from './room.js';
import { createPauses } from './run/context.js';
import { awsName, isPassing } from './run/faults.js';

/** The value of `roc:managed` on a copy that is kept. */
export const KEPT_MARK = 'restore';

const PATIENCE = HOUR;

export interface CutOverOptions {
  /** Id of the copy. */
  readonly to: string;
  readonly signal: AbortSignal;
  onProgress(text: string): void;
}

/**
 * Each rename is done only where it is still to be done, so that it may be run again.
 * @throws RocError ROC_RESUMABLE where AWS does not answer or nobody may ask it any more: the name may be free then
 */
export async function takeNameOver(
  room: Pick<Room, 'cloud' | 'now' | 'settings'>,
  source: string,
  options: CutOverOptions,
): Promise<void> {
  try {
    await freeName(room, source, options);
    await takeName(room, source, options);
  } catch (error) {
    if (!isPassing(error) && !(isRocError(error) && error.code === 'ROC_CREDENTIALS_MISSING')) throw error;
    throw standsStill(source, (error as RocError).message, error);
  }
}

/** A copy of another source that has the same name is none. */
export function isCopyOf({ tags }: Pick<DatabaseFacts, 'tags'>, source: string, to: string): boolean {
  return tags['roc:managed'] === KEPT_MARK && tags['roc:restored-as'] === to && tags['roc:source'] === source;
}

export function formerName(source: string, to: string): string {
  return `${source}-before-${to}`.slice(0, 63).replace(/-+$/, '');
}

/** However ill the source is, its name must be free; what becomes of it does not matter here. */
async function freeName(room: Parameters<typeof takeNameOver>[0], source: string, options: CutOverOptions) {
  const former = formerName(source, options.to);
  let isAsked = false;
  await repeat(room, source, options, async () => {
    const there = await room.cloud.instance(source);
    if (there !== null && isCopyOf(there, source, options.to)) return true;
    if (there === null) {
      const old = await room.cloud.instance(former);
      return old === null || old.status !== 'renaming';
    }
    if (there.status === 'renaming') return false;
    options.onProgress(`renaming ${source} out of the way`);
    await room.cloud.modify(source, { newId: former }).catch((error: unknown) => {
      // RDS may show its former state for a while after the first one, and takes no second one then.
      if (isAsked && /^(InvalidDBInstanceState|DBInstanceNotFound)/.test(awsName(error))) return;
      isAsked = isPassing(error);
      throw error;
    });
    isAsked = true;
    return false;
  });
}

async function takeName(room: Parameters<typeof takeNameOver>[0], source: string, options: CutOverOptions) {
  const { to } = options;
  await repeat(room, source, options, async () => {
    const [holder, copy] = await Promise.all([source, to].map((id) => room.cloud.instance(id)));
    if (holder && isCopyOf(holder, source, to)) return true;
    if (holder)
      throw new RocError('ROC_CONFLICT', `${source} is another database now: somebody took the name`, {
        hint: `Look at who made it; ${to} keeps its own name.`,
      });
    if (!copy || copy.status === 'renaming') return false;
    options.onProgress(`renaming ${to} to ${source}`);
    await room.cloud.modify(to, { newId: source }).catch((error: unknown) => {
      // RDS keeps the former name for a while, and is busy with the copy after its restore.
      if (!/^(DBInstanceAlreadyExists|InvalidDBInstanceState|DBInstanceNotFound)/.test(awsName(error)))
        throw error;
    });
    return false;
  });
}

/** Until `step` says that it is done; what passes by itself is waited out. */
async function repeat(
  { now, settings }: Parameters<typeof takeNameOver>[0],
  source: string,
  { signal }: CutOverOptions,
  step: () => Promise<boolean>,
): Promise<void> {
  const pause = createPauses({ ...realWorld, poll: settings.poll });
  const until = now() + PATIENCE;
  for (;;) {
    let trouble: unknown = null;
    try {
      if (await step()) return;
    } catch (error) {
      if (!isPassing(error)) throw error;
      trouble = error;
    }
    if (signal.aborted) throw standsStill(source, 'you left', trouble);
    if (now() > until) throw trouble ?? standsStill(source, 'RDS is not done with it', null);
    await pause(signal);
  }
}

function standsStill(source: string, why: string, cause: unknown): RocError {
  return new RocError('ROC_RESUMABLE', `the cut-over is not finished: ${why}`, {
    hint: `Run the same command again soon: until it ends, nothing may answer under the name ${source}.`,
    cause,
  });
}
