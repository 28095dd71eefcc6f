/** `roc provision plan`: what AWS would do to the stack, made as a change set that can be applied exactly as shown. */

import { isRocError, RocError } from '../kernel/errors.js';
import { isoTime, MINUTE } from '../kernel/time.js';
import {
  type ChangeSetFacts,
  type ChangeSetRequest,
  createChangeSet,
  deleteChangeSet,
  describeChangeSet,
  type OnFailure,
  waitingChangeSets,
} from './aws/change-sets.js';
import { deleteStack, deployedTemplate, describeStack, type StackFacts } from './aws/stacks.js';
import { mergeChanges } from './decide/changes.js';
import { stackState } from './decide/stack-state.js';
import { diffTemplates } from './diff.js';
import { type Engine, pace } from './engine.js';
import { type ImagePlace, stepsForImage } from './first-image.js';
import type { CostView, Plan, PostureView } from './plan-model.js';
import { preflight, requirePlace } from './preflight.js';
import { type Blueprint, type Template, templateBody, templateSha } from './template.js';
import { placeTemplate, type TemplateRoom } from './template-room.js';

/** AWS keeps change sets longer; what has been decided a day ago should be looked at again. */
const PLAN_LIFE = 24 * 60 * MINUTE;

export interface PlanRequest {
  readonly blueprint: Blueprint;
  /** Cost and posture of the template, and of what is deployed. */
  readonly judge: (after: Template, before: Template | null) => Promise<Judgement>;
  /** Where a template that is too large goes; asks once before it makes a bucket. */
  readonly templateRoom: TemplateRoom;
  readonly version: string;
  readonly imports?: ChangeSetRequest['imports'];
  readonly resolved?: Readonly<Record<string, string>>;
  readonly onFailure?: OnFailure;
  /** Where the servers' image would be, and is not. */
  readonly missingImage?: ImagePlace | null;
}

export interface Judgement {
  readonly cost: CostView | null;
  readonly posture: readonly PostureView[];
}

export async function makePlan(engine: Engine, request: PlanRequest): Promise<Plan> {
  const { blueprint, imports = [] } = request;
  const caller = await requirePlace(engine, blueprint);
  const stack = await describeStack(engine.access, blueprint.stackName, engine.signal);
  requirePlannable(stack, blueprint);
  const isNew = stack === null || stackState(stack.status).readiness !== 'ready';
  const baseBody = isNew ? null : await deployedTemplate(engine.access, stack.id);
  const before = baseBody === null ? null : (JSON.parse(baseBody) as Template);
  const place = { account: caller.account, region: engine.access.target.region };
  const steps = stepsForImage(request.missingImage ?? null, before, place);
  const [warnings, judgement] = await Promise.all([
    imports.length > 0 ? [] : preflight(engine, blueprint, before),
    request.judge(blueprint.template, before),
  ]);
  if (stack !== null) await sweep(engine, stack.id);
  const body = templateBody(blueprint.template);
  const type = imports.length > 0 ? 'IMPORT' : isNew ? 'CREATE' : 'UPDATE';
  const token = engine.token();
  const changeSet = await madeChangeSet(engine, {
    stackName: blueprint.stackName,
    name: `roc-${token}`,
    type,
    template: await placeTemplate(engine, request.templateRoom, body, caller),
    parameters: blueprint.parameters,
    tags: { ...blueprint.tags, 'roc:env': blueprint.env },
    description: `roc ${request.version}, template ${templateSha(body)}`,
    token,
    imports,
    onFailure: request.onFailure ?? 'rollback',
  });
  const createdAt = engine.clock();
  return {
    stackName: blueprint.stackName,
    env: blueprint.env,
    ...place,
    action: type === 'CREATE' ? 'create' : type === 'IMPORT' ? 'import' : 'update',
    changes:
      changeSet === null
        ? []
        : mergeChanges(changeSet.changes, diffTemplates(before, blueprint.template), {
            before,
            after: blueprint.template,
          }),
    ...judgement,
    warnings,
    steps,
    pending:
      changeSet === null
        ? null
        : {
            stackId: changeSet.stackId,
            changeSetArn: changeSet.arn,
            templateSha: templateSha(body),
            baseSha: baseBody === null ? null : templateSha(baseBody),
            baseUpdatedAt: isNew ? null : stack.updatedAt,
            createdAt: isoTime(createdAt),
            expiresAt: isoTime(createdAt + PLAN_LIFE),
            resolved: request.resolved ?? {},
          },
  };
}

/** Throws away what a plan left in AWS: its change set, and the empty stack that a first plan makes. */
export async function discardPlan(engine: Engine, plan: Plan): Promise<void> {
  if (plan.pending === null) return;
  await discard(engine, plan.pending.changeSetArn, plan.pending.stackId);
}

async function discard(engine: Engine, changeSetArn: string, stackId: string): Promise<void> {
  await deleteChangeSet(engine.access, changeSetArn);
  const stack = await describeStack(engine.access, stackId);
  if (stack?.status === 'REVIEW_IN_PROGRESS')
    await deleteStack(engine.access, stackId, { token: engine.token() });
}

function requirePlannable(stack: StackFacts | null, { stackName, env }: Blueprint): void {
  if (stack === null) return;
  const { readiness, says, next } = stackState(stack.status);
  const owner = stack.tags['roc:env'];
  if (readiness !== 'shell' && readiness !== 'absent' && owner !== env) {
    const whose = owner === undefined ? 'was not made by roc' : `belongs to the environment ${owner}`;
    throw new RocError('ROC_REFUSED', `the stack ${stackName} exists and ${whose}`, {
      hint: 'Set stack.name or stack.env in roc.yaml to another name; roc does not touch what it did not make.',
    });
  }
  if (readiness === 'busy')
    throw new RocError('ROC_CONFLICT', `the stack ${stackName} ${says}`, { hint: next });
  if (readiness === 'dead' || readiness === 'stuck')
    throw new RocError('ROC_REFUSED', `the stack ${stackName} ${says}, so it cannot be planned`, {
      hint: next,
    });
}

/** Plans of roc's that nobody can apply any more: whoever made them was killed, or never came back. */
async function sweep(engine: Engine, stackId: string): Promise<void> {
  const old = (await waitingChangeSets(engine.access, stackId)).filter(
    ({ name, createdAt }) => name.startsWith('roc-') && createdAt + PLAN_LIFE < engine.clock(),
  );
  for (const { arn } of old) await deleteChangeSet(engine.access, arn);
}

/** Null where AWS finds nothing to change. Whatever fails on the way leaves nothing behind. */
async function madeChangeSet(engine: Engine, request: ChangeSetRequest): Promise<ChangeSetFacts | null> {
  const pause = pace(200, 5000);
  const named = { name: request.name, stackName: request.stackName };
  await createChangeSet(engine.access, request);
  try {
    for (;;) {
      const facts = await describeChangeSet(engine.access, named);
      if (facts === null)
        throw new RocError('ROC_CONFLICT', 'somebody deleted the change set while it was made');
      if (facts.status === 'CREATE_COMPLETE') return facts;
      if (facts.status === 'FAILED') {
        await discard(engine, facts.arn, facts.stackId);
        if (changesNothing(facts.reason)) return null;
        throw new RocError('ROC_INVALID_INPUT', `AWS made no plan of it: ${facts.reason}`, {
          hint: 'Correct what AWS names; `roc provision check` looks at the template without AWS.',
        });
      }
      await engine.wait(pause.next());
    }
  } catch (error) {
    if (isRocError(error) && error.code === 'ROC_INTERRUPTED') await discardByName(engine, named);
    throw error;
  }
}

async function discardByName(engine: Engine, named: { name: string; stackName: string }): Promise<void> {
  const facts = await describeChangeSet(engine.access, named);
  if (facts !== null) await discard(engine, facts.arn, facts.stackId);
}

function changesNothing(reason: string): boolean {
  return /didn't contain changes|No updates are to be performed/.test(reason);
}
