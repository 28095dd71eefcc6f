/** What a session needs from outside: the Session Manager API, signed upgrade requests, KMS data keys. */

export interface StartRequest {
  /** Instance id: `i-…`, `mi-…` or `ecs:…`. */
  readonly target: string;
  /** Absent: the account's own shell document. */
  readonly document?: string | undefined;
  readonly parameters?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly reason?: string | undefined;
}

/** A way into one session; the token is a secret that lives for a minute. */
export interface StreamGrant {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly token: string;
}

export interface SessionApi {
  /** @throws RocError with `details.aws` = the name of AWS's error */
  start(request: StartRequest): Promise<StreamGrant>;
  /** Null when the session is over. */
  resume(sessionId: string): Promise<StreamGrant | null>;
  terminate(sessionId: string): Promise<void>;
  /** Headers that sign the WebSocket upgrade; none for an URL that is signed already. */
  signStream(url: URL): Promise<Readonly<Record<string, string>>>;
  /** A data key for an encrypted session: 64 bytes, and the same sealed for the agent. */
  dataKey(request: DataKeyRequest): Promise<{ plaintext: Uint8Array; sealed: Uint8Array }>;
  /** Forgets the credentials so that the next call asks the provider chain again. */
  refreshCredentials(): void;
}

export interface DataKeyRequest {
  readonly keyId: string;
  /** Exactly what the agent binds the key to. */
  readonly encryptionContext: Readonly<Record<string, string>>;
}
