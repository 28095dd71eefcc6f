/** Finds the instance that a command means: TARGET, else the configured or the stack's bastion, else a choice. */
import type { AwsAccess } from '../aws/clients.js';
import type { Target } from '../model.js';
import { matchTargets, parseTarget, pickOne } from './expression.js';

export interface ResolveOptions {
  readonly access: AwsAccess;
  /** TARGET, or what stands in for it. */
  readonly expression: string | undefined;
  /** Asks a person; refuses where there is none. */
  readonly choose: (targets: readonly Target[]) => Promise<Target>;
}

/** An id is taken at its word, so that the common case costs no call and loads no further client. */
export async function resolveTarget(options: ResolveOptions): Promise<string> {
  const { access, expression: text } = options;
  if (text === undefined) {
    const { listTargets } = await import('../aws/instances.js');
    const targets = await listTargets(access);
    return (await options.choose(sortedForChoice(targets))).instanceId;
  }
  const expression = parseTarget(text);
  if (expression.kind === 'id') return expression.id;
  const { findTargets } = await import('../aws/instances.js');
  return pickOne(text, matchTargets(expression, await findTargets(access, expression))).instanceId;
}

/** All that match, for commands that go to many. */
export async function resolveTargets(access: AwsAccess, text: string): Promise<Target[]> {
  const { findTargets } = await import('../aws/instances.js');
  const expression = parseTarget(text);
  return matchTargets(expression, await findTargets(access, expression));
}

/** Those that answer first, then by name. */
export function sortedForChoice(targets: readonly Target[]): Target[] {
  const rank = ({ ping }: Target) => (ping === 'Online' ? 0 : ping === null ? 2 : 1);
  const label = ({ name, instanceId }: Target) => name ?? instanceId;
  return [...targets].sort((a, b) => rank(a) - rank(b) || label(a).localeCompare(label(b)));
}
