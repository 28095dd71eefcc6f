/** `roc bastion db`: a local port to the database, its identity checked, and the way to sign in. */
import { readFileSync } from 'node:fs';
import { RocError } from '../../kernel/errors.js';
import { type ServerIdentity, verifyMysqlServer } from '../../kernel/mysql-identity.js';
import { type ForwardedPorts, forwardPorts } from '../forward.js';
import type { Setup } from '../setup.js';
import { openTunnelTo } from '../tunnel.js';
import { dsnOf, type LocalPort } from './client-options.js';
import { type SignIn, type SignInOptions, signIn } from './sign-in.js';

export interface OpenDatabaseOptions extends Omit<SignInOptions, 'access' | 'outputs'> {
  readonly room: Setup;
  readonly target: string;
  readonly local: number | undefined;
  readonly name?: string | undefined;
  readonly caFile: string | undefined;
  readonly signal: AbortSignal;
  readonly onError: (error: Error) => void;
}

export interface OpenDatabase {
  readonly local: LocalPort;
  readonly signIn: SignIn;
  readonly identity: ServerIdentity;
  readonly dsn: string;
  close(): Promise<void>;
}

export async function openDatabase(options: OpenDatabaseOptions): Promise<OpenDatabase> {
  const { room, target, signal, caFile } = options;
  const ca = caFile === undefined ? undefined : readCa(caFile);
  const found = await signIn({ ...options, access: room.access, outputs: room.outputs });
  const credentials = { ...found, database: options.name ?? found.database };
  const { endpoint, port } = credentials;
  const forwarded = await forwardPorts({
    ...room.settings,
    api: room.api,
    target,
    to: [`${endpoint}:${port}`],
    local: options.local === undefined ? [] : [options.local],
    signal,
    log: room.log,
    onError: options.onError,
  });
  try {
    const identity = await checkIdentity(options, endpoint, port, ca);
    const local = localPort(forwarded);
    return {
      local,
      signIn: credentials,
      identity,
      dsn: dsnOf(credentials, local),
      close: () => forwarded.close(),
    };
  } catch (error) {
    await forwarded.close();
    throw error;
  }
}

/** Over a tunnel of its own, before anything that could sign in is given out. */
async function checkIdentity(
  { room, target, signal }: OpenDatabaseOptions,
  host: string,
  port: number,
  ca: string | undefined,
): Promise<ServerIdentity> {
  const pool = await openTunnelTo({ api: room.api, target, host, port, signal, log: room.log });
  try {
    return await verifyMysqlServer(await pool.connect(), host, ca);
  } finally {
    await pool.close();
  }
}

function localPort({ ports }: ForwardedPorts): LocalPort {
  const [first] = ports;
  return { host: first?.localHost ?? '127.0.0.1', port: first?.localPort ?? 0 };
}

function readCa(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('BEGIN CERTIFICATE')) return text;
  } catch (cause) {
    throw new RocError('ROC_USAGE', `${file} cannot be read`, { hint: 'Name a PEM file with --ca.', cause });
  }
  throw new RocError('ROC_USAGE', `${file} holds no certificate`, { hint: 'Name a PEM file with --ca.' });
}
