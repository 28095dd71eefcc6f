/** What is said when findings are set aside, and what came of it. */

export interface SuppressRequest {
  readonly file: string;
  readonly match: Readonly<Record<string, string | undefined>>;
  readonly status: string;
  readonly justification?: string | undefined;
  readonly reason: string;
  readonly by: string;
  readonly days: number;
  readonly allowKev: boolean;
  /** The policy whose limits hold; undefined means the shipped one. */
  readonly policy?: string | undefined;
  readonly packageRoot: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface MadeSuppression {
  readonly id: string;
  readonly status: string;
  readonly reason: string;
  readonly by: string;
  /** ISO 8601. */
  readonly created: string;
  readonly expires: string;
}
