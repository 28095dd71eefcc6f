/** How a database is reached: a way to its port, and connections whose identity is proved on it. */
import type { Duplex } from 'node:stream';

/** A way to the port of a database; each stream is one connection, and whoever uses it verifies TLS for `host` on it. */
export interface Way {
  readonly kind: 'ssm-tunnel' | 'direct';
  /** Always the endpoint that RDS names: nothing can put another in its place. */
  readonly host: string;
  readonly port: number;
  readonly sessionId: string | null;
  connect(): Promise<Duplex>;
  close(): Promise<void>;
}

export interface SignIn {
  readonly user: string;
  readonly auth: 'password' | 'iam';
  /** Asked for each connection: a token is good for 15 minutes. */
  password(): Promise<string>;
}

export interface ConnectorOptions {
  readonly way: Way;
  readonly signIn: SignIn;
  /** PEM text of the authorities; nothing else is trusted. */
  readonly ca: string;
  readonly database?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type SqlValue = string | number | bigint | boolean | null | Date | Buffer;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqlConnection {
  /** Runs one statement; identifiers are quoted by the caller, values are bound. */
  query(
    sql: string,
    values?: readonly SqlValue[],
    options?: { readonly timeoutMs?: number },
  ): Promise<SqlRow[]>;
  /** What TLS this connection has. */
  readonly tls: {
    readonly protocol: string;
    readonly cipher: string;
    readonly subject: string;
    readonly issuer: string;
  };
  close(): Promise<void>;
}

/** Signed-in connections to one database, each with its identity proved against `way.host`. */
export interface Connector {
  /** @throws RocError ROC_REFUSED for another identity, ROC_CREDENTIALS_MISSING for a wrong password, ROC_UNREACHABLE */
  connect(): Promise<SqlConnection>;
  /** Whether the same credentials are taken without TLS, which they must not be. */
  acceptsPlaintext(): Promise<boolean>;
  close(): Promise<void>;
}

export type CreateConnector = (options: ConnectorOptions) => Connector;
