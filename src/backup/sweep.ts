/** `roc backup sweep`: takes away what killed runs left, and nothing at all that any of five guards objects to. */

import { isRocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { HOUR } from '../kernel/time.js';
import type { SweptThing } from './answers.js';
import type { Cloud } from './cloud.js';
import { looksOurs, objectionsToSweeping, type SweepFacts } from './decide/guards.js';
import type { DatabaseFacts } from './facts.js';
import { createPauses, type RunContext } from './run/context.js';
import { awsName, isPassing } from './run/faults.js';
import { TEST_PREFIX } from './run/names.js';

export interface SweepOptions extends Pick<RunContext, 'now' | 'sleep' | 'random' | 'poll' | 'signal'> {
  readonly cloud: Cloud;
  readonly sources: readonly string[];
  /** Whether somebody drives a run now. */
  isLive(run: string): Promise<boolean>;
  /** Without it, it only says what it would take away. */
  readonly apply: boolean;
  readonly log: Log;
}

export async function sweep(options: SweepOptions): Promise<SweptThing[]> {
  const { cloud, now, sources } = options;
  const instances = (await cloud.instances()).filter(looksOurs);
  const groups = (await cloud.parameterGroups(TEST_PREFIX)).map(({ name, tags }) => ({ id: name, tags }));
  const liveRuns = await liveOf(options, [...instances, ...groups]);
  const facts: SweepFacts = { now: now(), sources, liveRuns };
  const swept: SweptThing[] = [];
  for (const instance of instances)
    swept.push(await sweepOne(options, 'instance', instance, facts, () => removeInstance(options, instance)));
  // Last: RDS keeps a group as long as an instance uses it.
  for (const group of groups)
    swept.push(
      await sweepOne(options, 'parameter-group', group, facts, () => removeGroup(options, group.id)),
    );
  return swept;
}

interface Thing {
  readonly id: string;
  readonly tags: DatabaseFacts['tags'];
}

async function liveOf({ isLive }: SweepOptions, things: readonly Thing[]): Promise<Set<string>> {
  const runs = [...new Set(things.flatMap(({ tags }) => tags['roc:run'] ?? []))];
  const live = await Promise.all(runs.map(async (run) => ((await isLive(run)) ? [run] : [])));
  return new Set(live.flat());
}

async function sweepOne(
  { apply }: SweepOptions,
  type: SweptThing['type'],
  thing: Thing,
  facts: SweepFacts,
  remove: () => Promise<void>,
): Promise<SweptThing> {
  const row = {
    type,
    id: thing.id,
    run: thing.tags['roc:run'] ?? null,
    expires: thing.tags['roc:expires'] ?? null,
  };
  const objections = objectionsToSweeping(thing, facts);
  if (objections.length > 0) return { ...row, outcome: 'left', why: objections };
  if (!apply) return { ...row, outcome: 'would-delete', why: [] };
  try {
    await remove();
    return { ...row, outcome: 'deleted', why: [] };
  } catch (error) {
    return { ...row, outcome: 'failed', why: [error instanceof Error ? error.message : String(error)] };
  }
}

/** The guards are asked again before each delete: an hour may have gone by since the list was made. */
async function removeInstance(options: SweepOptions, first: DatabaseFacts): Promise<void> {
  const { cloud, now, signal, sources } = options;
  const pause = createPauses(options);
  const until = now() + HOUR;
  for (let last: unknown = null; ; await pause(signal)) {
    const instance = await cloud.instance(first.id).catch(passing);
    if (instance === null) return;
    if (instance !== 'unknown' && instance.status !== 'deleting') {
      const facts = { now: now(), sources, liveRuns: await liveOf(options, [instance]) };
      const objections = objectionsToSweeping(instance, facts);
      if (objections.length > 0) throw new TypeError(`it changed meanwhile: ${objections.join(', ')}`);
      last = await askToDelete(options, instance);
    }
    if (now() > until || signal.aborted) throw last ?? new TypeError('it is still there');
  }
}

/** @returns what RDS objected to for now, null where it took the request */
async function askToDelete({ cloud, log }: SweepOptions, instance: DatabaseFacts): Promise<unknown> {
  try {
    if (instance.deletionProtection) await cloud.modify(instance.id, { deletionProtection: false });
    await cloud.remove(instance.id);
    return null;
  } catch (error) {
    if (!isPassing(error) && !/^(InvalidDBInstanceState|InvalidParameterCombination)/.test(awsName(error)))
      throw error;
    log.debug({ error: String(error) }, 'RDS does not delete it yet');
    return error;
  }
}

async function removeGroup(options: SweepOptions, name: string): Promise<void> {
  const { cloud, now, signal } = options;
  const pause = createPauses(options);
  const until = now() + HOUR / 4;
  for (;;) {
    try {
      return await cloud.deleteParameterGroup(name);
    } catch (error) {
      const isBusy = isPassing(error) || /^InvalidDBParameterGroupState/.test(awsName(error));
      if (!isBusy || now() > until || signal.aborted) throw error;
    }
    await pause(signal);
  }
}

function passing(error: unknown): 'unknown' {
  if (isRocError(error) && isPassing(error)) return 'unknown';
  throw error;
}
