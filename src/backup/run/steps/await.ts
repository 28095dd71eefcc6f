/** Waits until the copy answers by TLS under its own name: that is the first of the three ends of the RTO. */
import { isRocError, RocError } from '../../../kernel/errors.js';
import { tagsOf } from '../../decide/placement.js';
import { meaningOf } from '../../decide/status.js';
import type { DatabaseFacts } from '../../facts.js';
import type { RunContext } from '../context.js';
import { isPassing } from '../faults.js';
import { TEST_MARK } from '../names.js';
import { withRequestIds } from '../request-ids.js';
import { watch } from './watch.js';

export async function awaitReachable(context: RunContext): Promise<void> {
  const { journal } = context;
  const found = await watch(context, async (instance) => {
    await requireJob(context);
    await tagOurs(context, instance);
    return instance.host === null ? null : prove(context, instance, instance.host);
  });
  if (found !== null) journal.append({ type: 'reachable', ...found });
}

/** An instance that AWS Backup made carries no tags of ours; without them nobody would take it away. */
async function tagOurs(context: RunContext, instance: DatabaseFacts): Promise<void> {
  const { cloud, journal } = context;
  if (journal.state.job === null || instance.tags['roc:managed'] === TEST_MARK) return;
  const call = 'rds:AddTagsToResource';
  journal.append({ type: 'intent', call, on: instance.id });
  await withRequestIds(context, call, instance.id, () => cloud.addTags(instance.arn, tagsOf(journal.state)));
}

async function requireJob({ cloud, journal }: RunContext): Promise<void> {
  const { job } = journal.state;
  if (job === null) return;
  const { status, message } = await cloud.restoreJob(job);
  if (status !== 'FAILED' && status !== 'ABORTED') return;
  throw new RocError(
    'ROC_CHECK_FAILED',
    `the restore job of AWS Backup is ${status}: ${message ?? 'no reason given'}`,
    {
      hint: 'Look at the job in AWS Backup.',
      details: { verdict: 'fail' },
    },
  );
}

async function prove(context: RunContext, instance: DatabaseFacts, host: string) {
  const { ports, journal, signal, ca } = context;
  context.onProgress(`${instance.status}, trying to connect`);
  const way = await ports.openWay(journal.state.plan.asset, host, instance.port, signal).catch(notYet);
  if (way === null) return null;
  try {
    const { subject, protocol } = await ports.proveIdentity(way, ca);
    return { host, port: instance.port, subject, protocol };
  } catch (error) {
    // While RDS still works on it, whatever answers may be half ready; once it is available, a refusal is final.
    const isFinal =
      isRocError(error) && error.code === 'ROC_REFUSED' && meaningOf(instance.status) === 'ready';
    if (!isFinal) return notYet(error);
    throw new RocError('ROC_CHECK_FAILED', error.message, {
      hint: 'What answers is not the restored database, or it has no TLS.',
      details: { verdict: 'fail' },
      cause: error,
    });
  } finally {
    await way.close().catch(() => {});
  }
}

function notYet(error: unknown): null {
  if (isPassing(error) || (isRocError(error) && error.code === 'ROC_REFUSED')) return null;
  throw error;
}
