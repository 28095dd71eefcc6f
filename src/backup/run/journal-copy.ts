/** A copy of the journal in the bucket at each change of phase, so that another host can go on with the run. */
import type { Log } from '../../kernel/log.js';
import type { Objects } from '../cloud.js';
import type { RunEvent } from './events.js';
import type { Lines } from './journal.js';
import type { RunState } from './state.js';

/** @returns what the journal calls after each line; it waits for nothing, and a copy that fails is made up for by the next */
export function createJournalCopier(
  { objects, log }: { readonly objects: Objects | null; readonly log: Log },
  run: string,
  lines: Lines,
): (event: RunEvent, state: RunState) => void {
  let copying: Promise<unknown> = Promise.resolve();
  let phase: string | null = null;
  return (_event, state) => {
    if (objects === null || state.phase === phase) return;
    phase = state.phase;
    const text = lines.read();
    // One after the other: an older text must not land on a newer one.
    copying = copying
      .then(() => objects.write(`runs/${run}/journal.jsonl`, text))
      .catch((error: unknown) => log.warn({}, `the journal was not copied to the bucket: ${String(error)}`));
  };
}
