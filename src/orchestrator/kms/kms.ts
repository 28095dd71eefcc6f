/** Who keeps the master key: the port that the local key file and AWS KMS implement, held to one contract suite. */

/** Bound to the wrapped key; unwrapping needs exactly the same. Not secret, may be logged. */
export type EncryptionContext = Readonly<Record<string, string>>;

export interface DataKey {
  /** 32 bytes. Keep it no longer than needed. */
  readonly plaintext: Buffer;
  /** Safe to store beside what it encrypts. */
  readonly wrapped: string;
}

export interface Kms {
  /** Names the master key; changes when the key does. */
  readonly keyId: string;
  generateDataKey(context: EncryptionContext): Promise<DataKey>;
  /** Wraps a data key that is there already: what is moved from one master key to another. */
  wrap(plaintext: Buffer, context: EncryptionContext): Promise<string>;
  /** Whether this master key wrapped it, as far as its text says. */
  isOwn(wrapped: string): boolean;
  /** @throws RocError ROC_BLOB_CORRUPT where the wrapped key was changed, or made for another context or master key */
  unwrap(wrapped: string, context: EncryptionContext): Promise<Buffer>;
}
