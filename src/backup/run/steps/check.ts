/** Runs the checks of the data; each result is in the journal before the next begins, so a resumed run goes on from there. */
import { isRocError, RocError } from '../../../kernel/errors.js';
import type { RunContext } from '../context.js';
import { isPassing } from '../faults.js';
import type { SessionSlot } from '../session.js';

/** The way may break so often in one run. */
const MOST_BREAKS = 5;

export async function runChecks(context: RunContext, slot: SessionSlot): Promise<void> {
  const { journal, ports, signal } = context;
  const { plan, manifest } = journal.state;
  if (journal.state.planned === null)
    journal.append({ type: 'checks-planned', planned: ports.checks.planned(plan.asset, manifest) });
  try {
    await once(context, slot);
    if (!signal.aborted) journal.append({ type: 'checks-done' });
  } catch (error) {
    if (signal.aborted) return;
    if (!isBroken(error) || journal.state.breaks >= MOST_BREAKS) throw error;
    journal.append({ type: 'way-lost', why: (error as Error).message });
  }
}

/** The way broke, or the database no longer knows the password: another sign-in may help. */
function isBroken(error: unknown): boolean {
  return isPassing(error) || (isRocError(error) && error.code === 'ROC_CREDENTIALS_MISSING');
}

async function once(context: RunContext, slot: SessionSlot): Promise<void> {
  const { journal, ports, signal, now, log } = context;
  const { plan, point, manifest, source, restored, seed, checks } = journal.state;
  if (slot.current === null || restored === null || seed === null)
    throw new RocError('ROC_UNEXPECTED', 'the checks began without a way into the copy');
  const results = ports.checks.run({
    asset: plan.asset,
    point,
    connector: slot.current.connector,
    manifest,
    source,
    restored,
    seed,
    done: new Set(checks.map(({ id }) => id)),
    now,
    signal,
    log,
  });
  for await (const result of results) {
    journal.append({ type: 'check-done', result });
    context.onProgress(`checking: ${result.id} ${result.verdict}`);
    if (signal.aborted) return;
  }
}
