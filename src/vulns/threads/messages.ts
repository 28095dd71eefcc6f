/** What the report and its worker threads say to each other. */
import type { ErrorCode } from '../../kernel/errors.js';
import type { Intake } from '../collect/collector.js';
import type { FinishedPart } from '../collect/finish-partition.js';
import type { FinishRequest } from '../collect/run-finish.js';
import type { SpoolPart } from '../collect/spool.js';
import type { Batch } from '../intake/batch.js';
import type { StoreIndex } from '../store/disk-store.js';

/** A store that a thread opens for itself. */
export interface StorePlace {
  readonly dir: string;
  readonly index: StoreIndex;
}

export type ToWorker =
  | {
      readonly kind: 'open';
      readonly memoryBytes: number;
      readonly checkKeys: boolean;
    }
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'end-intake' }
  | {
      readonly kind: 'judge';
      readonly request: Omit<FinishRequest, 'parts'>;
      readonly store: StorePlace | null;
    }
  | { readonly kind: 'finish'; readonly partition: number; readonly parts: readonly SpoolPart[] }
  | { readonly kind: 'end-finish' };

export type FromWorker =
  /** A fault that a person can do something about; any other ends the thread. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string; readonly hint?: string }
  | { readonly kind: 'done' }
  /** The bytes of a batch that has been read, for the next one. */
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'intake'; readonly intake: Intake }
  | { readonly kind: 'finished'; readonly part: FinishedPart };
