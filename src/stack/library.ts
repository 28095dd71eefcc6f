/** The room as a library: plan, apply and look at the stack from a program, in types of roc's own. */
import type { AwsTarget } from '../kernel/aws.js';
import { loadConfig } from '../kernel/config.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { type ApplyResult, applyPlan } from './apply.js';
import { type DestroyResult, destroy, planDestroy } from './destroy.js';
import { type DriftReport, findDrift } from './drift.js';
import { readOutputs } from './outputs.js';
import { discardPlan, makePlan } from './plan.js';
import { readPlan, type SavedPlan, writePlan } from './plan-file.js';
import type { Plan } from './plan-model.js';
import type { ProvisionEvent } from './provision-event.js';
import { setUpStack } from './setup.js';
import { type StackStatus, stackStatus } from './status.js';
import { type VerifyReport, verifyStack } from './verify.js';

export interface StackOptions extends Partial<AwsTarget> {
  /** Where roc.yaml is looked for, upward; the working directory by default. */
  readonly cwd?: string;
  /** Of the installed package, whose policies and prices are read. */
  readonly packageRoot: string;
  /** roc's version, which the template carries. */
  readonly version: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ProvisionEvent) => void;
  /** May roc make the bucket for large templates? By default it may. */
  readonly allowBucket?: (bucket: string) => Promise<void>;
}

export interface Stack {
  readonly stackName: string;
  plan(): Promise<Plan>;
  /** Takes a plan that is not applied out of AWS again. */
  discard(plan: Plan): Promise<void>;
  apply(
    plan: Plan,
    options?: { readonly allowReplace?: readonly string[]; readonly accept?: readonly string[] },
  ): Promise<ApplyResult | null>;
  savePlan(file: string, plan: Plan): void;
  loadPlan(file: string): Plan;
  status(): Promise<StackStatus>;
  outputs(): Promise<StackOutputs>;
  drift(): Promise<DriftReport>;
  verify(): Promise<VerifyReport>;
  /** Refused while production is protected: `roc provision destroy --disarm` first. */
  destroy(): Promise<DestroyResult>;
}

/** @example const stack = openStack({ packageRoot, version }); await stack.apply(await stack.plan()); */
export function openStack(options: StackOptions): Stack {
  const {
    cwd = process.cwd(),
    packageRoot,
    version,
    signal,
    onEvent,
    allowBucket = async () => {},
  } = options;
  const config = loadConfig({ cwd, env: process.env });
  const flags = { region: options.region, profile: options.profile, 'endpoint-url': options.endpointUrl };
  const room = setUpStack({
    ...{ config, cwd, env: process.env, flags, version, packageRoot, signal },
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  const { engine, stackName } = room;
  return {
    stackName,
    plan: async () => makePlan(engine, await room.planRequest({ allow: allowBucket })),
    discard: (plan) => discardPlan(engine, plan),
    apply: async (plan, { allowReplace = [], accept = [] } = {}) =>
      isPending(plan) ? applyPlan(engine, { plan, allowReplace, accept }) : null,
    savePlan(file, plan) {
      if (isPending(plan)) writePlan(file, plan);
    },
    loadPlan: (file) => readPlan(file, engine.clock()),
    status: () => stackStatus(engine, stackName),
    outputs: () => readOutputs(engine, stackName),
    drift: () => findDrift(engine, stackName),
    verify: () => verifyStack(engine, stackName),
    destroy: async () => destroy(engine, await planDestroy(engine, room), room.isProduction),
  };
}

function isPending(plan: Plan): plan is SavedPlan {
  return plan.pending !== null;
}
