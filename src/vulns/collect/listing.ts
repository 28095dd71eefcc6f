/** What was read whole from a live service: only there does silence mean something. */

export interface Listing {
  readonly tool: string;
  readonly region: string;
  readonly accounts: readonly string[];
  /** Only what changed was read: silence means "as before". */
  readonly delta: boolean;
}
