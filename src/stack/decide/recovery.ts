/** What to do about a stack in a bad state: pure, and never the loss of data that nobody has named. */
import { stackState } from './stack-state.js';
import { isStateful } from './stateful.js';

interface Resource {
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly type: string;
  readonly status: string;
  readonly reason?: string | null;
}

export type Recovery = { readonly says: string; readonly next: string } & (
  | { readonly kind: 'none' | 'attach' | 'refuse' }
  | { readonly kind: 'continue'; readonly skip: readonly string[] }
  | { readonly kind: 'delete'; readonly retain: readonly string[] }
);

export function decideRecovery(
  status: string | null,
  resources: readonly Resource[],
  wishes: { readonly skip: readonly string[]; readonly leave: readonly string[] },
): Recovery {
  const state = stackState(status);
  const says = `the stack ${state.says}`;
  switch (state.readiness) {
    case 'absent':
    case 'ready':
      return { kind: 'none', says, next: state.next };
    case 'busy':
      return { kind: 'attach', says, next: state.next };
    case 'shell':
      return {
        kind: 'delete',
        retain: [],
        says: `${says}: it holds nothing and would be deleted`,
        next: PLAN,
      };
    case 'stuck':
      return continued(says, resources, wishes.skip);
    case 'dead':
      return deleted(says, resources, wishes.leave);
  }
}

const PLAN = 'Then plan again: `roc provision`.';

function continued(says: string, resources: readonly Resource[], skip: readonly string[]): Recovery {
  const failed = resources.filter(mayBeSkipped).map(({ logicalId }) => logicalId);
  const strange = skip.filter((id) => !failed.includes(id));
  if (strange.length > 0) {
    const those = failed.length === 0 ? 'none' : failed.join(', ');
    return {
      kind: 'refuse',
      says: `${strange.join(', ')} cannot be skipped: only what failed can (${those})`,
      next: 'Name those that failed with --skip, or none.',
    };
  }
  const skipped = skip.length === 0 ? '' : `, leaving ${skip.join(', ')} as it is`;
  const hint =
    failed.length === 0 ? '' : ` If ${failed.join(', ')} fails again: --skip ${failed.join(' --skip ')}.`;
  return {
    kind: 'continue',
    skip,
    says: `${says}: its rollback would be continued${skipped}`,
    next: `${PLAN}${hint}`,
  };
}

/**
 * CloudFormation skips what failed to go back, and refuses what failed otherwise or was only called off.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ContinueUpdateRollback.html
 */
function mayBeSkipped({ status, reason }: Resource): boolean {
  return status === 'UPDATE_FAILED' && !/cancell?ed/i.test(reason ?? '');
}

function deleted(says: string, resources: readonly Resource[], leave: readonly string[]): Recovery {
  const held = resources.filter(holdsData).map(({ logicalId }) => logicalId);
  const unnamed = held.filter((id) => !leave.includes(id));
  if (unnamed.length > 0) {
    return {
      kind: 'refuse',
      says: `${says}, and still holds ${unnamed.join(', ')}: roc does not delete a stack that holds data`,
      next: `Keep them outside the stack with ${unnamed.map((id) => `--leave ${id}`).join(' ')}, or delete them by hand first.`,
    };
  }
  const left = leave.length === 0 ? '' : `; ${leave.join(', ')} would stay outside it`;
  return { kind: 'delete', retain: leave, says: `${says}: it would be deleted${left}`, next: PLAN };
}

/** It is there, and deleting the stack could take it away. */
function holdsData({ type, status, physicalId }: Resource): boolean {
  return (
    isStateful(type) &&
    physicalId !== null &&
    physicalId !== '' &&
    !/^DELETE_(COMPLETE|SKIPPED)$/.test(status)
  );
}
