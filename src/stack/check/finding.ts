/** What a check found at one resource. */
import type { Severity } from './policy.js';

export interface Finding {
  /** `rds-encrypted`, or a validator's own id: `AwsSolutions-IAM5[Resource::*]`. */
  readonly id: string;
  readonly severity: Severity;
  /** Logical id; `stack` where something is missing altogether. */
  readonly resource: string;
  readonly why: string;
  readonly fix: string;
}

export interface JudgedFinding extends Finding {
  readonly waived: boolean;
  readonly waiver: { readonly reason: string; readonly expires: string } | null;
}
