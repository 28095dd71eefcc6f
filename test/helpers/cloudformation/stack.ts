/** A stack of the fake: what it holds, what happened to it, and what is still to happen. */
import type { FakeChange } from './change-set.js';
import type { FakeTemplate } from './template.js';

export interface FakeStackResource {
  logicalId: string;
  physicalId: string;
  type: string;
  status: string;
  reason: string | undefined;
  properties: Record<string, unknown>;
}

export interface FakeEvent {
  id: string;
  at: Date;
  logicalId: string;
  physicalId: string;
  type: string;
  status: string;
  reason: string | undefined;
  token: string | undefined;
}

export interface FakeChangeSet {
  arn: string;
  name: string;
  stackId: string;
  type: 'CREATE' | 'UPDATE' | 'IMPORT';
  template: FakeTemplate;
  body: string;
  parameters: Record<string, string>;
  tags: Record<string, string>;
  description: string | undefined;
  token: string | undefined;
  status: string;
  reason: string | undefined;
  executionStatus: string;
  /** `OnStackFailure` as it was asked for. */
  onFailure: string | undefined;
  changes: FakeChange[];
  /** Looks at it before it is made. */
  pendingLooks: number;
}

export interface FakeStack {
  id: string;
  name: string;
  status: string;
  reason: string | undefined;
  createdAt: Date;
  updatedAt: Date | undefined;
  deletedAt: Date | undefined;
  changeSetId: string | undefined;
  template: FakeTemplate | null;
  body: string | null;
  parameters: Record<string, string>;
  tags: Record<string, string>;
  isProtected: boolean;
  policy: StackPolicy | null;
  resources: Map<string, FakeStackResource>;
  events: FakeEvent[];
  /** The rest of the running operation; each step makes one event or more. */
  steps: Generator<void> | null;
  executed: { changeSet: string; token: string | undefined } | null;
}

export interface StackPolicy {
  Statement: { Effect: string; Action: string | string[]; Resource: string | string[] }[];
}

/** Whether the policy forbids an action (`Update:Replace`) on a resource. */
export function isDenied(policy: StackPolicy | null, action: string, logicalId: string): boolean {
  const fits = (patterns: string | string[], value: string) =>
    [patterns].flat().some((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(value));
  return (policy?.Statement ?? []).some(
    ({ Effect, Action, Resource }) =>
      Effect === 'Deny' && fits(Action, action) && fits(Resource, `LogicalResourceId/${logicalId}`),
  );
}
