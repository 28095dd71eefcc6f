/** A way to a test's own MariaDB under a name as RDS gives it: what a tunnel is to a restored copy. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { ConnectorOptions, Way } from '../../src/backup/ports.js';
import type { Mariadb } from './mariadb.js';

export const COPY_HOST = 'roc-v-copy.aaaaaaaaaa.eu-central-1.rds.amazonaws.com';
export const SOURCE_HOST = 'shop-prod.aaaaaaaaaa.eu-central-1.rds.amazonaws.com';

/** Connects to `server`, whatever `host` says: TLS must notice. */
export function connectorOptions(server: Mariadb, host: string, caFile = server.caFile): ConnectorOptions {
  const { username, password, port } = new URL(server.url(''));
  return {
    way: wayTo(Number(port), host),
    signIn: { user: username, auth: 'password', password: () => Promise.resolve(password) },
    ca: readFileSync(caFile ?? '', 'utf8'),
  };
}

function wayTo(port: number, host: string): Way {
  return {
    kind: 'direct',
    host,
    port: 3306,
    sessionId: null,
    connect: () => Promise.resolve(connect(port, '127.0.0.1')),
    close: () => Promise.resolve(),
  };
}
