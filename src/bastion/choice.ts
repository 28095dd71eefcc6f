/** How an instance reads in a list to choose from. Pure. */
import type { Target } from './model.js';

export interface Choice<T> {
  readonly value: T;
  readonly label: string;
  readonly hint: string;
}

export function choiceOf(target: Target): Choice<Target> {
  const { instanceId, name, platform, agentVersion, ping, state } = target;
  const parts = [ping ?? state ?? 'never registered', platform, agentVersion && `agent ${agentVersion}`];
  return {
    value: target,
    label: name === null ? instanceId : `${name} (${instanceId})`,
    hint: parts.filter(Boolean).join(', '),
  };
}
