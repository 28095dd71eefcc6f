/** What a plan is: the shape that is shown, printed as JSON and saved. */
import type { Change } from './change.js';

export interface CostView {
  readonly monthlyUsd: number;
  /** Against what is deployed; null for a first plan whose before is nothing. */
  readonly deltaUsd: number;
  readonly asOf: string;
  readonly unpriced: readonly string[];
}

export interface PostureView {
  readonly id: string;
  readonly severity: string;
  readonly resource: string;
  readonly why: string;
  readonly fix: string;
  readonly waived: boolean;
}

export interface Plan {
  readonly stackName: string;
  readonly env: string;
  readonly account: string;
  readonly region: string;
  readonly action: 'create' | 'update' | 'import';
  readonly changes: readonly Change[];
  readonly cost: CostView | null;
  readonly posture: readonly PostureView[];
  readonly warnings: readonly string[];
  /** What a person does after it is applied, line by line. */
  readonly steps: readonly string[];
  /** Null where nothing would change: there is nothing to apply. */
  readonly pending: PendingChangeSet | null;
}

/** What exactly would be carried out, and upon what it was planned. */
export interface PendingChangeSet {
  readonly stackId: string;
  readonly changeSetArn: string;
  readonly templateSha: string;
  /** Of the template that is deployed; null for a stack that does not exist yet. */
  readonly baseSha: string | null;
  readonly baseUpdatedAt: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** What was looked up while it was planned and is fixed in it, such as the image of the instances. */
  readonly resolved: Readonly<Record<string, string>>;
}

/** The JSON that `roc provision plan` prints. */
export function planJson(plan: Plan, file: string | null): object {
  const { stackName, action, account, region, changes, cost, posture, warnings, steps, pending } = plan;
  return {
    stacks: [{ name: stackName, action, account, region, changes }],
    cost,
    posture,
    warnings,
    steps,
    changeSet: pending?.changeSetArn ?? null,
    expiresAt: pending?.expiresAt ?? null,
    file,
  };
}
