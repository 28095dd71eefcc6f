/** What is looked at before the server opens its port, and what a person should know of it. */
import { readFile, stat } from 'node:fs/promises';
import { RocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import { isLoopback, type ListenAddress, type Places, type ServerConfig } from './config.js';

const MIN_NODE = [20, 19] as const;

/** @throws RocError ROC_NODE_TOO_OLD */
export function checkNode(version: string, log: Log): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    throw new RocError(
      'ROC_NODE_TOO_OLD',
      `Node ${version} is too old, roc needs ${MIN_NODE.join('.')} or newer`,
      {
        hint: 'Install Node 24 (or 22).',
      },
    );
  }
  if (major < 22) log.warn({ node: version }, 'this Node is past its end of life: move to Node 24');
}

export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** @throws RocError ROC_CONFIG_INVALID when only one is named, or a file cannot be read */
export async function readTls({ tlsCert, tlsKey }: ServerConfig): Promise<TlsFiles | null> {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new RocError('ROC_CONFIG_INVALID', 'TLS needs both a certificate and its key', {
      hint: 'Pass --tls-cert FILE and --tls-key FILE.',
    });
  }
  const read = (file: string) =>
    readFile(file).catch((cause: unknown) => {
      throw new RocError('ROC_CONFIG_INVALID', `${file} cannot be read`, {
        hint: 'Check the path and that this user may read it (PEM).',
        cause,
      });
    });
  return { cert: await read(tlsCert), key: await read(tlsKey) };
}

/** Says in the log what is allowed but not wise. */
export async function warnOfRisks(
  places: Places,
  address: ListenAddress,
  tls: TlsFiles | null,
  log: Log,
): Promise<void> {
  if (tls === null && !isLoopback(address.host)) {
    log.warn(
      { host: address.host },
      'listening without TLS on an address that others reach: put a TLS proxy before it, or pass --tls-cert and --tls-key',
    );
  }
  const { kms, blobs } = places;
  if (blobs.kind !== 'disk' || kms.kind !== 'local') return;
  const devices = await Promise.all([kms.path, blobs.root].map(deviceOf));
  if (devices[0] === devices[1]) {
    log.warn(
      { masterKey: kms.path },
      'the master key and the data that it protects share a disk: whoever takes the disk has both',
    );
  }
}

async function deviceOf(path: string): Promise<number> {
  return (await stat(path)).dev;
}
