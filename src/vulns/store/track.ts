/** What is remembered of one problem between runs. */
import type { Merged } from '../model.js';

export interface Track {
  readonly key: string;
  readonly state: 'open' | 'fixed';
  /** First seen ever, by the source or by roc; epoch milliseconds. */
  readonly first: number;
  /** When its days began to run. */
  readonly since: number;
  readonly last: number;
  readonly fixedAt: number | null;
  /** The findings as last seen, for reports that read only what changed. */
  readonly rows: readonly Merged[];
}

/** Where one partition of the next state lies until it is committed. */
export interface TrackSegment {
  readonly partition: number;
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Memory by partition; each is read and written at most once. */
export interface TrackStore {
  read(partition: number): readonly Track[];
  write(partition: number, tracks: readonly Track[]): void;
  finish(): readonly TrackSegment[];
}
