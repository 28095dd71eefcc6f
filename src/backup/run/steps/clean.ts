/** Takes away all that the run made, and believes only RDS's word that it is gone. */
import { isRocError } from '../../../kernel/errors.js';
import { HOUR } from '../../../kernel/time.js';
import { objectionsToCleaning } from '../../decide/guards.js';
import { tagsOf } from '../../decide/placement.js';
import type { DatabaseFacts } from '../../facts.js';
import { createPauses, type RunContext } from '../context.js';
import { awsName, isPassing } from '../faults.js';
import { TEST_MARK, testIdOf } from '../names.js';
import { withRequestIds } from '../request-ids.js';

const PATIENCE = HOUR;
/** An accepted restore may not show at once: so many looks in a row must find nothing. */
const LOOKS_FOR_THE_UNSURE = 4;

export async function cleanUp(context: RunContext): Promise<void> {
  const { journal, now } = context;
  if (!journal.state.mayExist && !copiesGroup(context))
    return journal.append({ type: 'cleaned', goneAt: null, leftovers: [] });
  if (await keepForLooking(context)) return;
  const until = now() + PATIENCE;
  const goneAt = journal.state.mayExist ? await removeInstance(context, until) : null;
  if (goneAt === 'not-gone') return;
  await removeGroup(context, until);
  const leftovers = await findLeftovers(context);
  if (leftovers.length === 0) return journal.append({ type: 'cleaned', goneAt, leftovers });
  journal.append({ type: 'cleanup-failed', leftovers, why: 'something of the run is left' });
}

/** With --keep-on-failure a copy that failed stays for a while, and the sweeper knows until when. */
async function keepForLooking(context: RunContext): Promise<boolean> {
  const { journal, cloud, now } = context;
  const { plan, verdict, trouble } = journal.state;
  if (plan.keepOnFailure === null || verdict === 'pass' || trouble?.code === 'ROC_INTERRUPTED') return false;
  const id = testIdOf(plan.run);
  const instance = await cloud.instance(id);
  if (instance === null || objectionsToCleaning(instance, plan.run, context.sources).length > 0) return false;
  const until = new Date(now() + plan.keepOnFailure).toISOString();
  const call = 'rds:AddTagsToResource';
  journal.append({ type: 'intent', call, on: id });
  const tags = { ...tagsOf(journal.state), 'roc:expires': until };
  await withRequestIds(context, call, id, () => cloud.addTags(instance.arn, tags));
  journal.append({ type: 'kept', until, leftovers: [id] });
  return true;
}

/** @returns when RDS no longer knew it; `not-gone` where the journal says why */
async function removeInstance(context: RunContext, until: number): Promise<string | null | 'not-gone'> {
  const { journal, now, sources } = context;
  const { plan } = journal.state;
  const id = testIdOf(plan.run);
  const pause = createPauses(context);
  let looksLeft = journal.state.accepted ? 1 : LOOKS_FOR_THE_UNSURE;
  for (;;) {
    const instance = await look(context, id);
    if (instance === null) looksLeft -= 1;
    if (instance === null && looksLeft === 0) return new Date(now()).toISOString();
    if (instance !== null && instance !== 'unknown') {
      looksLeft = 1;
      const objections = objectionsToCleaning(await withTags(context, instance), plan.run, sources);
      if (objections.length > 0) return give(context, id, objections.join(', '));
      await removeOnce(context, instance);
    }
    if (now() > until) return give(context, id, `RDS would not delete it within ${PATIENCE / HOUR} h`);
    await pause(NEVER);
  }
}

/** Told again at each look: a delete that was refused while RDS was busy is taken later. */
async function removeOnce(context: RunContext, instance: DatabaseFacts): Promise<void> {
  const { cloud, journal } = context;
  if (instance.status === 'deleting') return;
  try {
    if (instance.deletionProtection) {
      const call = 'rds:ModifyDBInstance';
      journal.append({ type: 'intent', call, on: instance.id, detail: { what: 'deletion protection off' } });
      await withRequestIds(context, call, instance.id, () =>
        cloud.modify(instance.id, { deletionProtection: false }),
      );
    }
    const call = 'rds:DeleteDBInstance';
    journal.append({ type: 'intent', call, on: instance.id });
    await withRequestIds(context, call, instance.id, () => cloud.remove(instance.id));
    context.onProgress('deleting the copy');
  } catch (error) {
    const isRefusal = /^(InvalidDBInstanceState|InvalidParameterCombination)/.test(awsName(error));
    if (!isRefusal && !isPassing(error)) throw error;
    context.log.debug({ error: String(error) }, 'RDS does not delete it yet');
  }
}

/** A copy that AWS Backup has just made may have no tags yet; the job's own word is needed to take it for ours. */
async function withTags(context: RunContext, instance: DatabaseFacts): Promise<DatabaseFacts> {
  const { cloud, journal } = context;
  const { job } = journal.state;
  if (job === null || instance.tags['roc:managed'] === TEST_MARK) return instance;
  const { createdArn } = await cloud.restoreJob(job);
  if (createdArn !== instance.arn) return instance;
  const call = 'rds:AddTagsToResource';
  journal.append({ type: 'intent', call, on: instance.id });
  await withRequestIds(context, call, instance.id, () => cloud.addTags(instance.arn, tagsOf(journal.state)));
  return (await cloud.instance(instance.id)) ?? instance;
}

async function removeGroup(context: RunContext, until: number): Promise<void> {
  const { cloud, journal, now } = context;
  if (!copiesGroup(context)) return;
  const id = testIdOf(journal.state.plan.run);
  const pause = createPauses(context);
  for (;;) {
    try {
      const found = (await cloud.parameterGroups(id)).find(({ name }) => name === id);
      if (
        found === undefined ||
        objectionsToCleaning({ ...found, id }, journal.state.plan.run, []).length > 0
      )
        return;
      const call = 'rds:DeleteDBParameterGroup';
      journal.append({ type: 'intent', call, on: id });
      await withRequestIds(context, call, id, () => cloud.deleteParameterGroup(id));
    } catch (error) {
      // RDS thinks for a while that the instance still uses it.
      if (!/^InvalidDBParameterGroupState/.test(awsName(error)) && !isPassing(error)) throw error;
    }
    if (now() > until) return;
    await pause(NEVER);
  }
}

async function findLeftovers({ cloud, journal }: RunContext): Promise<string[]> {
  const id = testIdOf(journal.state.plan.run);
  const [snapshots, groups] = await Promise.all([cloud.snapshots(id), cloud.parameterGroups(id)]);
  return [
    ...snapshots.map((point) => `snapshot ${point.id}`),
    ...groups.filter(({ name }) => name === id).map(({ name }) => `parameter group ${name}`),
  ];
}

function copiesGroup({ journal }: RunContext): boolean {
  const isAsked = journal.state.timeline.some(({ detail }) => detail['call'] === 'rds:CopyDBParameterGroup');
  return isAsked && journal.state.plan.placement.copyParameterGroup !== null;
}

async function look({ cloud }: RunContext, id: string): Promise<DatabaseFacts | null | 'unknown'> {
  try {
    return await cloud.instance(id);
  } catch (error) {
    if (isRocError(error) && isPassing(error)) return 'unknown';
    throw error;
  }
}

function give({ journal }: RunContext, id: string, why: string): 'not-gone' {
  journal.append({ type: 'cleanup-failed', leftovers: [id], why });
  return 'not-gone';
}

/** Cleaning is not stopped by the first Ctrl-C: that is what it follows upon. */
const NEVER = new AbortController().signal;
