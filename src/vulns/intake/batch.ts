/** What the slicer hands to the reader: bytes with the places of records in them, cheap to move to another thread. */
import type { Problem } from '../model.js';

export interface Batch {
  readonly file: string;
  /** Offset of `bytes[0]` in the (decompressed) file. */
  readonly base: number;
  readonly bytes: Buffer;
  /** Start and end of each record, in pairs; null means: one record a line. */
  readonly spans: readonly number[] | null;
  /** Set for records cut out of a document too large to parse whole. */
  readonly context: RecordContext | null;
}

/** A document with its records taken out, as text around the place where they were. */
export interface RecordContext {
  readonly before: string;
  readonly after: string;
  /** Where in the parsed text the array of records lies. */
  readonly path: readonly (string | number)[];
}

export interface BatchSink {
  batch(batch: Batch): Promise<void>;
  problem(problem: Problem): void;
}
