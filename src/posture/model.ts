/** The nouns of `roc posture check`: controls, what was found, and what is said of it. */

/** `unknown` is never as good as `pass`: it was not allowed to look, or AWS did not answer. */
export type Verdict = 'pass' | 'fail' | 'notApplicable' | 'unknown';

export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What one resource shows of a control. */
export interface Evidence {
  /** Its id or name; `account` for what an account has once. */
  readonly resource: string;
  readonly verdict: Exclude<Verdict, 'notApplicable'>;
  readonly says: string;
  /** Somebody's reason to let it be, where it fails. */
  readonly waived: boolean;
}

export interface Waiver {
  readonly reason: string;
  /** ISO 8601 date; the waiver holds through this day in UTC. */
  readonly until: string;
  readonly by: string;
  readonly expired: boolean;
}

export interface ControlResult {
  readonly id: string;
  readonly title: string;
  /** A failure that is waived whole stays `fail` and carries the waiver. */
  readonly verdict: Verdict;
  readonly severity: Severity;
  /** Of standards: `ISO 27001:2022 A.8.24`, `CIS AWS 3.0.0 5.6`, `NIST 800-53 SC-28`. */
  readonly references: readonly string[];
  readonly evidence: readonly Evidence[];
  /** What to do where it fails; null otherwise. */
  readonly fix: string | null;
  readonly waiver: Waiver | null;
}

export interface Posture {
  readonly summary: {
    readonly pass: number;
    /** Without those that are waived. */
    readonly fail: number;
    readonly waived: number;
    readonly notApplicable: number;
    readonly unknown: number;
  };
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly scope: { readonly account: string; readonly region: string; readonly vpc: string | null };
  readonly controls: readonly ControlResult[];
}

export interface Checked {
  readonly posture: Posture;
  /** SHA-256 of the policy's canonical JSON, hex. */
  readonly policyHash: string;
}

/** Nothing fails that nobody has waived, and nothing was hidden. */
export function isHeld({ summary }: Posture): boolean {
  return summary.fail === 0 && summary.unknown === 0;
}
