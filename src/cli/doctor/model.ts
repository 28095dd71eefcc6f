/** What `roc doctor` looks at, as facts, and what it says about each. */

export type Verdict = 'ok' | 'warn' | 'fail' | 'skipped';

export interface Check {
  readonly id: string;
  readonly verdict: Verdict;
  /** What was found. */
  readonly evidence: string;
  /** What to do; null where there is nothing to do. */
  readonly fix: string | null;
}

export interface HostFacts {
  /** `20.20.2` */
  readonly node: string;
  readonly config: { readonly file: string | null; readonly problems: readonly string[] };
  readonly session: SessionFacts;
  readonly aws: AwsFacts;
}

export type SessionFacts =
  | { readonly state: 'none' }
  | { readonly state: 'damaged'; readonly message: string }
  | {
      readonly state: 'kept';
      readonly file: string;
      readonly mode: number;
      readonly url: string;
      readonly email: string;
    };

export interface AwsFacts {
  /** Where credentials come from; null where there are none. */
  readonly credentials: string | null;
  readonly region: string | null;
  /** What AWS said to GetCallerIdentity; null where it was not asked. */
  readonly identity: { readonly arn: string } | { readonly error: string } | null;
}

export interface ServerFacts {
  readonly url: string;
  /** Why it does not answer; null where it does. */
  readonly error: string | null;
  /** Its clock minus this one's, milliseconds; null where it did not say. */
  readonly clockOffsetMs: number | null;
  /** `/readyz`: what it stands on, with a message where that fails; null where it did not say. */
  readonly parts: Readonly<Record<string, { readonly isReady: boolean; readonly message: string }>> | null;
}

export interface DataDirFacts {
  readonly path: string;
  readonly mode: number;
  readonly isWritable: boolean;
  readonly freeBytes: number;
  /** Process that holds it; null where none does. */
  readonly holder: number | null;
  readonly database: DatabaseFacts;
  readonly blobs: { readonly path: string; readonly isUsable: boolean } | null;
  readonly keys: readonly KeyFacts[];
}

export type DatabaseFacts =
  | {
      readonly kind: 'sqlite';
      readonly path: string;
      readonly state: 'absent' | 'unreadable' | 'foreign' | 'good';
    }
  | { readonly kind: 'remote'; readonly at: string; readonly error: string | null };

export interface KeyFacts {
  readonly path: string;
  /** Null where there is no such file yet. */
  readonly mode: number | null;
  readonly folderMode: number | null;
  readonly isReadable: boolean;
}
