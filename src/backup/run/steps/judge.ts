/** Writes the verdict down, once. */
import { judge } from '../../decide/verdict.js';
import type { RunContext } from '../context.js';
import { closeSession, type SessionSlot } from '../session.js';

export async function judgeRun({ journal, now }: RunContext, slot: SessionSlot): Promise<void> {
  await closeSession(slot);
  journal.append({ type: 'judged', ...judge(journal.state, now()) });
}
