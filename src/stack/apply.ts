/** `roc provision apply`: carries out exactly the change set that was planned, and sees it to its end. */
import { createHash } from 'node:crypto';
import { isRocError, RocError } from '../kernel/errors.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { requireAccepted } from './accept.js';
import { describeCaller } from './aws/caller.js';
import { type ChangeSetFacts, describeChangeSet, executeChangeSet } from './aws/change-sets.js';
import { deployedTemplate, describeStack, type StackFacts, setStackPolicy } from './aws/stacks.js';
import type { Change } from './change.js';
import { forbiddenChanges, mergeChanges } from './decide/changes.js';
import { endedWell, stackState } from './decide/stack-state.js';
import type { Engine } from './engine.js';
import { followOperation, type OperationEnd, step } from './follow.js';
import { readOutputs } from './outputs.js';
import { type SavedPlan, unusable } from './plan-file.js';
import type { Plan } from './plan-model.js';
import { protect, stackPolicy } from './protections.js';
import { type Template, templateSha } from './template.js';

export interface ApplyRequest {
  readonly plan: SavedPlan;
  /** Logical ids of stateful resources that may be replaced or removed. */
  readonly allowReplace: readonly string[];
  /** Open findings of high severity that are applied all the same: `ID` or `ID:RESOURCE`. */
  readonly accept?: readonly string[];
}

export interface ApplyResult {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: string;
  /** `executed` now, `joined` one that ran, or `already` applied before. */
  readonly how: 'executed' | 'joined' | 'already';
  readonly outputs: StackOutputs;
  readonly warnings: readonly string[];
}

/**
 * @throws RocError ROC_PRECONDITION_FAILED stale plan, ROC_REFUSED wrong place or unallowed loss, ROC_CONFLICT another
 * deployment runs, ROC_STACK_FAILED with the first root cause, ROC_RESUMABLE when watching had to end
 */
export async function applyPlan(engine: Engine, request: ApplyRequest): Promise<ApplyResult> {
  const { plan } = request;
  const { stackId, changeSetArn } = plan.pending;
  await requireSamePlace(engine, plan);
  const stack = await describeStack(engine.access, stackId, engine.signal);
  const token = executionToken(changeSetArn);
  const standing = await standingOf(engine, stack, plan);
  if (standing === 'already') return finished(engine, plan, 'already');
  if (standing === 'running') {
    engine.onEvent(step(engine, 'this plan is being applied already; joining'));
    return concluded(engine, plan, await followOperation(engine, stackId, token), 'joined');
  }
  requireAccepted(plan, request.accept);
  requireAllowed(plan, await currentChanges(engine, plan), request.allowReplace);
  await allowFor(engine, plan, request.allowReplace);
  await execute(engine, changeSetArn, token).catch(async (error: unknown) => {
    // What it did not begin must not leave the stack open to the next one.
    if (request.allowReplace.length > 0) await protectAsDeployed(engine, stackId).catch(() => {});
    throw error;
  });
  return concluded(engine, plan, await followOperation(engine, stackId, token), 'executed');
}

async function requireSamePlace(engine: Engine, plan: SavedPlan): Promise<void> {
  const { account } = await describeCaller(engine.access);
  const { region } = engine.access.target;
  if (account === plan.account && region === plan.region) return;
  throw new RocError(
    'ROC_REFUSED',
    `the plan is for account ${plan.account} in ${plan.region}, and this is account ${account} in ${region}`,
    { hint: 'Use the profile and region that the plan was made with; nothing was changed.' },
  );
}

/** Where the plan stands: to be carried out, running, done; anything else makes it stale. */
async function standingOf(
  engine: Engine,
  stack: StackFacts | null,
  plan: SavedPlan,
): Promise<'fresh' | 'running' | 'already'> {
  const { changeSetArn, templateSha: plannedSha, baseSha, baseUpdatedAt } = plan.pending;
  if (stack === null || stack.status === 'DELETE_COMPLETE') throw unusable('the planned stack is gone');
  const { readiness, says } = stackState(stack.status);
  const isOurs = stack.changeSetId === changeSetArn;
  const facts = await describeChangeSet(engine.access, { name: changeSetArn });
  if (facts?.executionStatus === 'EXECUTE_IN_PROGRESS' || (isOurs && readiness === 'busy')) return 'running';
  if (readiness === 'busy') {
    throw new RocError(
      'ROC_CONFLICT',
      `the stack ${plan.stackName} ${says}, by another deployment than this plan`,
      { hint: 'Watch it with `roc provision events --follow`; plan again when it has ended.' },
    );
  }
  const deployed = await deployedSha(engine, stack);
  const isDone = facts === null || facts.executionStatus === 'EXECUTE_COMPLETE';
  if (isDone && isOurs && endedWell(stack.status) && deployed === plannedSha) return 'already';
  if (facts === null) throw unusable('the change set of the plan is gone: another deployment came first');
  if (facts.executionStatus !== 'AVAILABLE')
    throw unusable(`the change set of the plan cannot be carried out any more (${executionWord(facts)})`);
  const isSame = deployed === baseSha && (baseSha === null || stack.updatedAt === baseUpdatedAt);
  if (!isSame) throw unusable('the stack has changed since it was planned');
  return 'fresh';
}

/** Null for the empty shell of a first plan. */
async function deployedSha(engine: Engine, stack: StackFacts): Promise<string | null> {
  if (stackState(stack.status).readiness !== 'ready') return null;
  const body = await deployedTemplate(engine.access, stack.id);
  return body === null ? null : templateSha(body);
}

function executionWord({ executionStatus, status }: ChangeSetFacts): string {
  return executionStatus === 'UNAVAILABLE' ? status : executionStatus;
}

/** What AWS would do now, read again: the file on disk does not decide about data. */
async function currentChanges(engine: Engine, plan: SavedPlan): Promise<Change[]> {
  const facts = await describeChangeSet(engine.access, { name: plan.pending.changeSetArn });
  const ownDiff = new Map(plan.changes.map(({ logicalId, properties }) => [logicalId, properties]));
  return mergeChanges(facts?.changes ?? [], ownDiff, { before: null, after: { Resources: {} } });
}

export function requireAllowed(plan: Plan, changes: readonly Change[], allowed: readonly string[]): void {
  const all = [...changes, ...plan.changes];
  const lost = [...new Set(forbiddenChanges(all, allowed).map(({ logicalId }) => logicalId))];
  if (lost.length === 0) return;
  const flags = lost.map((id) => `--allow-replace ${id}`).join(' ');
  throw new RocError('ROC_REFUSED', `the plan would replace or remove what holds data: ${lost.join(', ')}`, {
    hint: `Change it so that they stay, or say that they may go: ${flags}`,
    details: { logicalIds: lost },
  });
}

/** What is allowed to go must be allowed by the stack's own policy too, until this deployment has ended. */
async function allowFor(engine: Engine, plan: SavedPlan, allowed: readonly string[]): Promise<void> {
  if (allowed.length === 0 || plan.action !== 'update') return;
  const body = await deployedTemplate(engine.access, plan.pending.stackId);
  if (body === null) return;
  await setStackPolicy(
    engine.access,
    plan.pending.stackId,
    stackPolicy(JSON.parse(body) as Template, allowed),
  );
}

/** The same plan has the same token: a second try, or a second person, begins nothing twice. */
function executionToken(changeSetArn: string): string {
  return `roc-${createHash('sha256').update(changeSetArn).digest('hex').slice(0, 32)}`;
}

async function execute(engine: Engine, changeSetArn: string, token: string): Promise<void> {
  try {
    await executeChangeSet(engine.access, changeSetArn, token);
  } catch (error) {
    // The answer to an attempt that worked may have been lost: what the change set says decides.
    const facts = isRocError(error) ? await describeChangeSet(engine.access, { name: changeSetArn }) : null;
    if (facts === null || !/^EXECUTE_(IN_PROGRESS|COMPLETE)$/.test(facts.executionStatus)) throw error;
  }
}

async function concluded(
  engine: Engine,
  plan: SavedPlan,
  end: OperationEnd,
  how: ApplyResult['how'],
): Promise<ApplyResult> {
  if (endedWell(end.status)) return finished(engine, plan, how);
  // The policy may have been opened for this deployment.
  if (stackState(end.status).readiness === 'ready') await protectAsDeployed(engine, plan.pending.stackId);
  throw failed(plan.stackName, end);
}

/** The deployment that failed: what went wrong first, where the stack stands now, what to do. */
export function failed(stackName: string, { status, reason, cause }: OperationEnd): RocError {
  const { says, next } = stackState(status);
  const why =
    cause === null ? (reason ?? 'AWS gave no reason') : `${cause.logicalId} (${cause.type}): ${cause.reason}`;
  return new RocError('ROC_STACK_FAILED', `${why}\n  the stack ${stackName} ${says} (${status})`, {
    hint: cause === null ? next : `${cause.advice} ${next}`,
    details: { status, cause },
  });
}

async function finished(engine: Engine, plan: SavedPlan, how: ApplyResult['how']): Promise<ApplyResult> {
  const { stackId } = plan.pending;
  const warnings = await protectAsDeployed(engine, stackId);
  const stack = await describeStack(engine.access, stackId);
  return {
    stackName: plan.stackName,
    stackId,
    status: stack?.status ?? 'DELETE_COMPLETE',
    how,
    outputs: await readOutputs(engine, plan.stackName),
    warnings,
  };
}

/** Both protections, as the deployed template wants them; warnings where AWS refuses. */
export async function protectAsDeployed(engine: Engine, stackId: string): Promise<string[]> {
  const body = await deployedTemplate(engine.access, stackId);
  return body === null ? [] : protect(engine, stackId, JSON.parse(body) as Template);
}
