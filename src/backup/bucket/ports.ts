/** A bucket as its checks see it. */

export interface ObjectVersion {
  readonly key: string;
  /** Null in a bucket that keeps none. */
  readonly versionId: string | null;
  /** Bytes. */
  readonly size: number;
  readonly isLatest: boolean;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

export type VersionName = Pick<ObjectVersion, 'key' | 'versionId'>;

export interface LifecycleRule {
  readonly id: string;
  readonly prefix: string;
  /** Milliseconds after which it deletes a former version; null where it does not. */
  readonly noncurrentExpires: number | null;
}

export interface BucketSettings {
  readonly isVersioned: boolean;
  /** Null without Object Lock; a mode of null locks nothing by itself. */
  readonly lock: { readonly mode: string | null; readonly retention: number } | null;
  readonly lifecycle: readonly LifecycleRule[];
  readonly replicas: readonly string[];
  readonly encryption: string | null;
  readonly isPublicBlocked: boolean;
}

export interface Bucket {
  readonly name: string;
  settings(): Promise<BucketSettings>;
  versions(prefix: string): AsyncIterable<ObjectVersion>;
  /** SHA-256 that S3 keeps of the bytes, hex; null where it keeps none, or one of parts. */
  storedSha256(version: VersionName): Promise<string | null>;
  /** Reads the bytes; null where they are gone. A multipart ETag is no hash of them. */
  hash(version: VersionName): Promise<{ readonly sha256: string; readonly size: number } | null>;
  /** Copies a version of another bucket into this one. */
  copyFrom(source: string, version: VersionName, key: string): Promise<VersionName>;
  /** For good, where it names a version. */
  remove(version: VersionName): Promise<void>;
  close(): void;
}
