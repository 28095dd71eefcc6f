/** `roc provision status`: where the stack stands, what protects it, what went wrong last, and what to do next. */
import { readEvents } from './aws/stack-events.js';
import { describeStack, listResources } from './aws/stacks.js';
import { type RootCause, rootCause } from './decide/root-cause.js';
import { stackState } from './decide/stack-state.js';
import type { Engine } from './engine.js';

export interface StackStatus {
  readonly stackName: string;
  readonly exists: boolean;
  readonly status: string | null;
  readonly says: string;
  readonly next: string;
  readonly createdAt: string | null;
  readonly updatedAt: string | null;
  readonly terminationProtection: boolean;
  readonly resources: { readonly total: number; readonly failed: readonly string[] };
  /** Why the last operation failed, where it did. */
  readonly cause: RootCause | null;
}

export async function stackStatus(engine: Engine, stackName: string): Promise<StackStatus> {
  const stack = await describeStack(engine.access, stackName, engine.signal);
  const { says, next } = stackState(stack?.status ?? null);
  const nothing = { total: 0, failed: [] };
  if (stack === null) {
    return {
      ...{ stackName, exists: false, status: null, says, next, createdAt: null, updatedAt: null },
      ...{ terminationProtection: false, resources: nothing, cause: null },
    };
  }
  const [resources, cause] = await Promise.all([
    listResources(engine.access, stack.id),
    lastCause(engine, stack.id, stack.status),
  ]);
  return {
    stackName,
    exists: true,
    status: stack.status,
    says,
    next,
    createdAt: stack.createdAt,
    updatedAt: stack.updatedAt,
    terminationProtection: stack.isProtected,
    resources: {
      total: resources.length,
      failed: resources.filter(({ status }) => /_FAILED$/.test(status)).map(({ logicalId }) => logicalId),
    },
    cause,
  };
}

const WENT_WRONG = /FAILED|ROLLBACK/;

/** Of the last operation that somebody began, whatever rollbacks came after it. */
async function lastCause(engine: Engine, stackId: string, status: string): Promise<RootCause | null> {
  if (!WENT_WRONG.test(status)) return null;
  const events = await readEvents(
    engine.access,
    stackId,
    (event) => event.isStack && /^(CREATE|UPDATE|DELETE|IMPORT)_IN_PROGRESS$/.test(event.status),
    engine.signal,
  );
  return rootCause(events.reverse());
}
