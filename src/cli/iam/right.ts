/** What a command may ask of AWS: actions on resources, as a policy of IAM says it. */

export interface Right {
  readonly actions: readonly string[];
  /**
   * ARNs in which `{account}`, `{region}` and `{stack}` stand for the caller's own. `*` only where AWS knows no
   * resource for the action, or a caller must list before it knows one.
   */
  readonly on: readonly string[];
  readonly when?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const ANY = ['*'];

/** `arn:aws:SERVICE:region:account:rest`, of the caller's own region and account. */
export function own(service: string, rest: string): string {
  return `arn:aws:${service}:{region}:{account}:${rest}`;
}
