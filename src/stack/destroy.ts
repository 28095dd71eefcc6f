/** `roc provision destroy`: takes a stack down on purpose; what holds data stays or leaves a snapshot. */
import { RocError } from '../kernel/errors.js';
import { failed } from './apply.js';
import { guardedOf, setGuards } from './aws/guards.js';
import {
  deleteStack,
  deployedTemplate,
  describeStack,
  listResources,
  protectStack,
  type StackResource,
} from './aws/stacks.js';
import { endedWell, stackState } from './decide/stack-state.js';
import { fateOf, isStateful } from './decide/stateful.js';
import type { Engine } from './engine.js';
import { followOperation } from './follow.js';
import { requirePlace } from './preflight.js';
import type { Blueprint, Template, TemplateResource } from './template.js';

/** Which stack is meant, and where it must be. */
export type StackPlace = Pick<Blueprint, 'stackName' | 'env' | 'account' | 'region'>;

export interface DestroyPlan {
  readonly stackName: string;
  readonly stackId: string;
  /** As it was looked at; null where it was never updated. */
  readonly updatedAt: string | null;
  readonly kept: readonly StackResource[];
  readonly snapshots: readonly StackResource[];
  readonly deleted: number;
  /** The stack itself is protected from deletion. */
  readonly isProtected: boolean;
  /** Resources with a protection of their own (databases, load balancers) that is on now. */
  readonly guarded: readonly StackResource[];
  /** Resources that can have one. */
  readonly guardable: readonly StackResource[];
}

/**
 * What would go, what would stay.
 * @throws RocError ROC_NOT_FOUND, ROC_REFUSED: not roc's, or data that would be lost
 */
export async function planDestroy(engine: Engine, place: StackPlace): Promise<DestroyPlan> {
  await requirePlace(engine, place);
  const { stackName, env } = place;
  const stack = await describeStack(engine.access, stackName, engine.signal);
  const { readiness, says, next } = stackState(stack?.status ?? null);
  if (stack === null || readiness === 'absent')
    throw new RocError('ROC_NOT_FOUND', `the stack ${stackName} does not exist`, {
      hint: 'There is nothing to destroy.',
    });
  if (stack.tags['roc:env'] !== env && readiness !== 'shell')
    throw new RocError(
      'ROC_REFUSED',
      `the stack ${stackName} was not made by roc for the environment ${env}`,
      {
        hint: 'Delete it where it was made; roc does not touch what it did not make.',
      },
    );
  if (readiness === 'busy')
    throw new RocError('ROC_CONFLICT', `the stack ${stackName} ${says}`, { hint: next });
  if (readiness === 'stuck')
    throw new RocError('ROC_REFUSED', `the stack ${stackName} ${says}`, { hint: next });
  const body = await deployedTemplate(engine.access, stack.id);
  const template = JSON.parse(body ?? '{"Resources":{}}') as Template;
  const resources = (await listResources(engine.access, stack.id)).filter(isThere);
  requireNoLoss(template, resources);
  const fated = (fate: string) =>
    resources.filter(({ logicalId }) => fateOf(template.Resources[logicalId], 'remove') === fate);
  return {
    stackName,
    stackId: stack.id,
    updatedAt: stack.updatedAt,
    kept: fated('kept'),
    snapshots: fated('snapshot'),
    deleted: fated('lost').length,
    isProtected: stack.isProtected,
    guarded: await guardedOf(engine.access, resources),
    guardable: resources.filter(({ logicalId }) => claimsGuard(template.Resources[logicalId])),
  };
}

// What the template protects is what `--rearm` protects again.
function claimsGuard(resource: TemplateResource | undefined): boolean {
  const { DeletionProtection, LoadBalancerAttributes } = resource?.Properties ?? {};
  return (
    DeletionProtection === true ||
    /"deletion_protection.enabled","Value":"true"/.test(JSON.stringify(LoadBalancerAttributes ?? []))
  );
}

function isThere({ physicalId, status }: StackResource): boolean {
  return physicalId !== null && !/^DELETE_(COMPLETE|SKIPPED)$/.test(status);
}

// Logs and secrets of a stack that goes may go with it; data, keys, images and backups may not.
const MAY_GO = ['AWS::Logs::LogGroup', 'AWS::SecretsManager::Secret'];

function requireNoLoss(template: Template, resources: readonly StackResource[]): void {
  const lost = resources.filter(
    ({ logicalId, type }) =>
      isStateful(type) &&
      !MAY_GO.includes(type) &&
      fateOf(template.Resources[logicalId], 'remove') === 'lost',
  );
  if (lost.length > 0) {
    throw new RocError('ROC_REFUSED', `${ids(lost)} would be lost with its data; nothing was changed`, {
      hint: 'Give it a DeletionPolicy of Retain or Snapshot and apply that, or remove it by hand.',
    });
  }
}

const ids = (resources: readonly StackResource[]) => resources.map(({ logicalId }) => logicalId).join(', ');

/** The step before: takes every protection from deletion off, so that a destroy is possible at all. */
export async function disarm(engine: Engine, plan: DestroyPlan): Promise<void> {
  await setGuards(engine.access, plan.guarded, false);
  if (plan.isProtected) await protectStack(engine.access, plan.stackId, false);
}

/** Takes {@link disarm} back. */
export async function rearm(engine: Engine, plan: DestroyPlan): Promise<void> {
  await protectStack(engine.access, plan.stackId, true);
  await setGuards(engine.access, plan.guardable, true);
}

/** @throws RocError ROC_REFUSED while production is protected */
export function requireDisarmed(plan: DestroyPlan, isProduction: boolean): void {
  if (!isProduction || (!plan.isProtected && plan.guarded.length === 0)) return;
  const what = [
    ...(plan.isProtected ? ['the stack'] : []),
    ...plan.guarded.map(({ logicalId }) => logicalId),
  ];
  throw new RocError('ROC_REFUSED', `${plan.stackName} is production and protected (${what.join(', ')})`, {
    hint: 'Nothing was changed. Take the protection off on purpose first: roc provision destroy --disarm',
  });
}

/** Somebody may have deployed while the name was typed: what was shown to stay may not be what stays. */
async function requireUnchanged(
  engine: Engine,
  { stackName, stackId, updatedAt }: DestroyPlan,
): Promise<void> {
  const stack = await describeStack(engine.access, stackId, engine.signal);
  if (stack !== null && stack.updatedAt === updatedAt && stackState(stack.status).readiness !== 'busy')
    return;
  throw new RocError(
    'ROC_PRECONDITION_FAILED',
    `${stackName} has changed since it was looked at; nothing was changed`,
    {
      hint: 'Run it again and look at what would go now.',
    },
  );
}

export interface DestroyResult {
  readonly stackName: string;
  readonly status: 'DELETE_COMPLETE';
  readonly kept: readonly StackResource[];
  readonly snapshots: readonly StackResource[];
}

/** @throws RocError ROC_REFUSED protected production, ROC_STACK_FAILED when AWS stopped halfway, ROC_RESUMABLE when watching had to end */
export async function destroy(
  engine: Engine,
  plan: DestroyPlan,
  isProduction: boolean,
): Promise<DestroyResult> {
  requireDisarmed(plan, isProduction);
  await requireUnchanged(engine, plan);
  await disarm(engine, plan);
  const token = engine.token();
  await deleteStack(engine.access, plan.stackId, { token });
  const end = await followOperation(engine, plan.stackId, token);
  if (!endedWell(end.status)) throw failed(plan.stackName, end);
  return { stackName: plan.stackName, status: 'DELETE_COMPLETE', kept: plan.kept, snapshots: plan.snapshots };
}
