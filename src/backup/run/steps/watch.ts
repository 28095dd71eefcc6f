/** Looks at the copy until it is what is waited for, or can never be; own poller, because the SDK's knows half of the states. */
import { RocError } from '../../../kernel/errors.js';
import { HOUR, MINUTE } from '../../../kernel/time.js';
import { meaningOf } from '../../decide/status.js';
import type { DatabaseFacts } from '../../facts.js';
import { createPauses, type RunContext } from '../context.js';
import { isPassing } from '../faults.js';
import { testIdOf } from '../names.js';

/** RDS may not show for some minutes what it has accepted. */
const UNSEEN_LIMIT = 5 * MINUTE;

/** When the run must begin to clean up, so that it is done before the sweeper may come. */
function deadlineOf({ journal }: RunContext): number {
  const { expires, asset } = journal.state.plan;
  return expires - Math.min(HOUR / 2, asset.target.ttl / 8);
}

/**
 * Looks again and again; `use` is asked about each look and ends the watch by giving something other than null.
 * Null once the signal has aborted.
 * @throws RocError ROC_CHECK_FAILED (`details.verdict`) where the copy can never be used, or not in time
 */
export async function watch<T>(
  context: RunContext,
  use: (instance: DatabaseFacts) => Promise<T | null>,
): Promise<T | null> {
  const { journal, signal, now } = context;
  const pause = createPauses(context);
  const unseenUntil = now() + UNSEEN_LIMIT;
  while (!signal.aborted) {
    const instance = await look(context);
    if (instance !== 'unknown') {
      requireAlive(context, instance, unseenUntil);
      const value = instance === null ? null : await use(instance);
      if (value !== null) return value;
    }
    if (now() > deadlineOf(context))
      throw hopeless(
        `the copy was not usable in time; it is ${journal.state.status ?? 'not to be seen'}`,
        'inconclusive',
      );
    await pause(signal);
  }
  return null;
}

/** The copy now; `unknown` where AWS does not answer. Each new status goes into the journal. */
async function look(context: RunContext): Promise<DatabaseFacts | null | 'unknown'> {
  const { cloud, journal } = context;
  try {
    const instance = await cloud.instance(testIdOf(journal.state.plan.run));
    const status = instance?.status ?? null;
    if (status !== null && status !== journal.state.status) {
      journal.append({ type: 'status', status, detail: await whyDead(context, status) });
      context.onProgress(status);
    }
    return instance;
  } catch (error) {
    if (!isPassing(error)) throw error;
    return 'unknown';
  }
}

function requireAlive({ now }: RunContext, instance: DatabaseFacts | null, unseenUntil: number): void {
  if (instance === null) {
    if (now() < unseenUntil) return;
    throw hopeless('AWS accepted the restore, but the instance is not there', 'inconclusive');
  }
  const meaning = meaningOf(instance.status);
  if (meaning === 'backup-bad') throw hopeless(`the copy ended as ${instance.status}`, 'fail');
  if (meaning === 'dead') throw hopeless(`the copy ended as ${instance.status}`, 'inconclusive');
}

async function whyDead({ cloud, journal }: RunContext, status: string): Promise<string | null> {
  const meaning = meaningOf(status);
  if (meaning === 'wait' || meaning === 'ready') return null;
  const { plan, startedAt } = journal.state;
  const events = await cloud.instanceEvents(testIdOf(plan.run), startedAt).catch(() => []);
  return events.slice(-5).join('; ') || null;
}

function hopeless(message: string, verdict: 'fail' | 'inconclusive'): RocError {
  return new RocError('ROC_CHECK_FAILED', message, {
    hint: 'The journal holds what RDS told of it.',
    details: { verdict },
  });
}
