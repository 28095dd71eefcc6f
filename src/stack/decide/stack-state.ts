/** What each state of a stack means for who wants to deploy: one literal table of every state that AWS has. */

export type Readiness =
  /** Nothing is there: a plan creates it. */
  | 'absent'
  /** An empty shell that a plan left: it can be created, or cleaned away. */
  | 'shell'
  | 'ready'
  /** An operation runs: it can be watched, not joined by another. */
  | 'busy'
  /** It can only be deleted and made again. */
  | 'dead'
  /** A rollback stopped halfway: it must be continued first. */
  | 'stuck';

export interface StackState {
  readonly readiness: Readiness;
  readonly says: string;
  readonly next: string;
}

const READY_NEXT = 'Plan the next change with `roc provision plan`.';
const WATCH = 'Watch it with `roc provision events --follow`.';
const RECOVER = 'Run `roc provision recover`.';

export const STACK_STATES = {
  CREATE_IN_PROGRESS: { readiness: 'busy', says: 'is being created', next: WATCH },
  CREATE_FAILED: {
    readiness: 'dead',
    says: 'failed while it was created, and was left as it is',
    next: RECOVER,
  },
  CREATE_COMPLETE: { readiness: 'ready', says: 'is created', next: READY_NEXT },
  ROLLBACK_IN_PROGRESS: { readiness: 'busy', says: 'failed, and is being taken down again', next: WATCH },
  ROLLBACK_FAILED: { readiness: 'dead', says: 'failed, and could not be taken down whole', next: RECOVER },
  ROLLBACK_COMPLETE: {
    readiness: 'dead',
    says: 'failed on its first creation, and was taken down',
    next: RECOVER,
  },
  DELETE_IN_PROGRESS: { readiness: 'busy', says: 'is being deleted', next: WATCH },
  DELETE_FAILED: { readiness: 'dead', says: 'could not be deleted whole', next: RECOVER },
  DELETE_COMPLETE: { readiness: 'absent', says: 'is deleted', next: 'Create it with `roc provision`.' },
  UPDATE_IN_PROGRESS: { readiness: 'busy', says: 'is being updated', next: WATCH },
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: {
    readiness: 'busy',
    says: 'is updated, and what was replaced is being removed',
    next: WATCH,
  },
  UPDATE_COMPLETE: { readiness: 'ready', says: 'is updated', next: READY_NEXT },
  UPDATE_FAILED: {
    readiness: 'ready',
    says: 'failed while it was updated, and was left as it is',
    next: 'Correct the cause and apply again.',
  },
  UPDATE_ROLLBACK_IN_PROGRESS: {
    readiness: 'busy',
    says: 'failed, and is going back to how it was',
    next: WATCH,
  },
  UPDATE_ROLLBACK_FAILED: {
    readiness: 'stuck',
    says: 'failed, and could not go back to how it was',
    next: RECOVER,
  },
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: {
    readiness: 'busy',
    says: 'is back to how it was, and what is left over is being removed',
    next: WATCH,
  },
  UPDATE_ROLLBACK_COMPLETE: {
    readiness: 'ready',
    says: 'is as it was before the last update, which failed',
    next: 'See why with `roc provision events`, correct it, and plan again.',
  },
  REVIEW_IN_PROGRESS: {
    readiness: 'shell',
    says: 'was planned and never created',
    next: 'Create it with `roc provision`, or clean it away with `roc provision recover`.',
  },
  IMPORT_IN_PROGRESS: { readiness: 'busy', says: 'is taking in existing resources', next: WATCH },
  IMPORT_COMPLETE: { readiness: 'ready', says: 'has taken in existing resources', next: READY_NEXT },
  IMPORT_ROLLBACK_IN_PROGRESS: {
    readiness: 'busy',
    says: 'failed to import, and is letting go again',
    next: WATCH,
  },
  IMPORT_ROLLBACK_FAILED: {
    readiness: 'stuck',
    says: 'failed to import, and could not let go again',
    next: RECOVER,
  },
  IMPORT_ROLLBACK_COMPLETE: {
    readiness: 'ready',
    says: 'is as it was before an import that failed',
    next: READY_NEXT,
  },
} as const satisfies Record<string, StackState>;

const ABSENT: StackState = {
  readiness: 'absent',
  says: 'does not exist',
  next: 'Create it with `roc provision`.',
};

/** A state that AWS has added since counts as busy: nothing is done to what is not understood. */
export function stackState(status: string | null): StackState {
  if (status === null) return ABSENT;
  const known: Readonly<Record<string, StackState>> = STACK_STATES;
  return (
    known[status] ?? {
      readiness: 'busy',
      says: `is in the state ${status}, which this version of roc does not know`,
      next: 'Update roc, or look at the stack in the AWS console.',
    }
  );
}

/** An operation has ended well where the stack is left in one of these. */
export function endedWell(status: string): boolean {
  return ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE', 'DELETE_COMPLETE'].includes(status);
}
