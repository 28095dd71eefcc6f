/** What was read whole from a live service: only there does silence mean something. */

export interface Listing {
  readonly tool: string;
  readonly region: string;
  readonly accounts: readonly string[];
  /** Kinds of resources that the service does not look at in an account. */
  readonly except: readonly { readonly account: string; readonly type: string }[];
  /** Only what changed was read: silence means "as before". */
  readonly delta: boolean;
}
