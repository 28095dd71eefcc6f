/** Where large bytes lie: the port that the disk and S3 implement, held to one contract suite. */
import type { Readable } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import type { RandomAccess } from '../../protocol/package/source.js';

export interface StoredBlob {
  /** Bytes. */
  readonly size: number;
}

export interface ListedBlob {
  readonly key: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

/** Keys are made by the server (`checkBlobKey`); nothing a client names ever becomes one. */
export interface Blobs {
  /**
   * Stores a stream whole or not at all: durable when it resolves, no trace when it rejects.
   * @throws RocError ROC_CONFLICT where the key is taken
   */
  put(key: string, body: AsyncIterable<Buffer>): Promise<StoredBlob>;
  /** @throws RocError ROC_BLOB_CORRUPT where it is missing: the database knew it */
  open(key: string): Promise<RandomAccess>;
  /** @throws RocError ROC_BLOB_CORRUPT where it is missing */
  get(key: string): Promise<Readable>;
  /** Bytes, or null where there is none. */
  size(key: string): Promise<number | null>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** The keys that begin so (all, for an empty text), in no order; what is being written is not among them. */
  list(prefix: string): AsyncIterable<ListedBlob>;
  /** An address that gives the blob to whoever holds it, for so long; null where only this server can read it. */
  downloadUrl(key: string, milliseconds: number): Promise<string | null>;
}

const KEY_PATTERN = /^(?=.{1,200}$)[a-z0-9]+(?:\/[a-z0-9]+)*$/;

/** A key that is not one of the server's own making is a fault of the server, never passed on. */
export function checkBlobKey(key: string): void {
  if (!KEY_PATTERN.test(key)) throw new TypeError(`not a blob key: ${JSON.stringify(key.slice(0, 80))}`);
}

export function missingBlob(key: string, cause?: unknown): RocError {
  return new RocError('ROC_BLOB_CORRUPT', `blob ${key} is missing from the store`, {
    hint: 'Restore the blob store from the backup that belongs to the database.',
    cause,
  });
}

export function takenBlob(key: string, cause?: unknown): RocError {
  return new RocError('ROC_CONFLICT', `blob ${key} exists already`, { cause });
}
