/** Changing a database's class: looked at, decided, looked at again just before, done. */
import { RocError } from '../../kernel/errors.js';
import type { AwsAccess } from '../aws/access.js';
import { describeDatabase } from '../aws/database.js';
import { changeDatabaseClass, newestSnapshotAt } from '../aws/database-change.js';
import type { DatabaseFacts } from '../status/facts.js';
import { type ChangeDecision, type DailyWindow, decideClassChange } from './change.js';

export interface ResizeRequest {
  readonly id: string;
  /** The class it should have. */
  readonly to: string;
  /** When it may happen. */
  readonly window: DailyWindow;
}

export interface ResizePlan {
  readonly database: DatabaseFacts;
  readonly decision: ChangeDecision;
}

export async function planResize(
  access: AwsAccess,
  { id, to, window }: ResizeRequest,
  now: () => number,
  signal?: AbortSignal,
): Promise<ResizePlan> {
  const [database, snapshotAt] = await Promise.all([
    describeDatabase(access, id, signal),
    newestSnapshotAt(access, id, signal),
  ]);
  return { database, decision: decideClassChange(database, { to, window, snapshotAt, now: now() }) };
}

/**
 * Plans once more and does it only where nothing refuses.
 * @throws RocError ROC_REFUSED with every refusal
 */
export async function applyResize(
  access: AwsAccess,
  request: ResizeRequest,
  now: () => number,
  signal?: AbortSignal,
): Promise<ResizePlan & { readonly requestId: string | null }> {
  const plan = await planResize(access, request, now, signal);
  if (!plan.decision.isAllowed) {
    throw new RocError('ROC_REFUSED', `${request.id} keeps its class: ${plan.decision.refusals.join('; ')}`, {
      hint: 'Mend what stands in the way, then ask again.',
    });
  }
  const { requestId } = await changeDatabaseClass(access, request.id, request.to, signal);
  return { ...plan, requestId };
}
