/** What carries the multiplexed bytes: the payloads of one session, in order. */

export interface BytePipe {
  /** False asks to wait for the drain call. The bytes are copied before this returns. */
  write(parts: readonly Uint8Array[]): boolean;
  /** False leaves what comes in the network. */
  setReading(isReading: boolean): void;
}
