/** `roc provision destroy`, whole: what would go and stay, the name typed, then down. */
import { RocError } from '../kernel/errors.js';
import type { StackResource } from './aws/stacks.js';
import {
  type DestroyPlan,
  type DestroyResult,
  destroy,
  disarm,
  planDestroy,
  rearm,
  requireDisarmed,
} from './destroy.js';
import { type SetupOptions, setUpStack } from './setup.js';
import type { Terminal } from './terminal.js';
import { narrator } from './text/narrate.js';

export interface DestroyOptions extends Omit<SetupOptions, 'onEvent'> {
  /** Only take the protections off, or put them on again, instead of destroying. */
  readonly only: 'disarm' | 'rearm' | null;
  /** The name of the environment, typed by a person or given by a flag. */
  readonly typedEnv: (question: string) => Promise<string>;
  readonly terminal: Terminal;
}

export async function runDestroy(
  options: DestroyOptions,
): Promise<DestroyResult | { readonly stackName: string; readonly armed: boolean }> {
  const { terminal } = options;
  const progress = terminal.progress(() => narrator(null));
  const room = setUpStack({ ...options, onEvent: (event) => progress.onEvent(event) });
  const { env } = room;
  const plan = await planDestroy(room.engine, room);
  const { only } = options;
  if (only === 'rearm') {
    await rearm(room.engine, plan);
    terminal.line(`${plan.stackName} is protected again`);
    return { stackName: plan.stackName, armed: true };
  }
  for (const line of destroyLines(plan)) terminal.line(line);
  if (only === null) requireDisarmed(plan, room.isProduction);
  const verb = only === 'disarm' ? 'take the protections from' : 'destroy';
  const typed = await options.typedEnv(`Type the environment (${env}) to ${verb} ${plan.stackName}:`);
  if (typed !== env)
    throw new RocError('ROC_REFUSED', `"${typed}" is not ${env}; nothing was changed`, {
      hint: `The stack of roc.yaml is ${plan.stackName}: type ${env}, or use the roc.yaml of the other one.`,
    });
  if (only === 'disarm') {
    await disarm(room.engine, plan);
    terminal.line(`${plan.stackName} is not protected any more: \`roc provision destroy\` would delete it`);
    return { stackName: plan.stackName, armed: false };
  }
  const result = await destroy(room.engine, plan, room.isProduction).finally(() => progress.done());
  terminal.line(`${plan.stackName} is gone`);
  for (const line of keptLines(result)) terminal.line(line);
  return result;
}

function destroyLines(plan: DestroyPlan): string[] {
  return [`${plan.stackName}: ${plan.deleted} resources would be deleted`, ...keptLines(plan)];
}

function keptLines({ kept, snapshots }: Pick<DestroyPlan, 'kept' | 'snapshots'>): string[] {
  const line = (what: string) => (resource: StackResource) =>
    `  ${what}  ${resource.logicalId}  ${resource.physicalId ?? ''}`;
  return [...kept.map(line('stays   ')), ...snapshots.map(line('snapshot'))];
}
