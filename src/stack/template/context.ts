/** What every part of the template is made with. */
import type { Stack } from 'aws-cdk-lib/core';
import type { StackFacts } from '../facts.js';
import type { StackSettings } from '../settings.js';

/**
 * Every construct hangs directly on the stack, so that its id is its logical id: a changed id would replace the
 * resource.
 */
export interface Context {
  readonly stack: Stack;
  readonly settings: StackSettings;
  readonly facts: StackFacts;
  /** `roc-prod`. */
  readonly name: string;
}

export const ZONES = ['A', 'B'] as const;

export function nameTag(context: Context, suffix: string): { key: string; value: string }[] {
  return [{ key: 'Name', value: `${context.name}-${suffix}` }];
}
