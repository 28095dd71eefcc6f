/** A whole server node in this process on a temporary data folder, asked by inject: no port, no loops. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { LightMyRequestResponse } from 'fastify';
import { SignJWT } from 'jose';
import { type Log, silentLog } from '../../src/kernel/log.js';
import type { Role } from '../../src/orchestrator/decide/permissions.js';
import { ensureFirstAdmin } from '../../src/orchestrator/first-admin.js';
import type { Letter } from '../../src/orchestrator/mail/mail.js';
import { createNode, type ServerNode } from '../../src/orchestrator/node.js';
import type { OidcSettings } from '../../src/orchestrator/sso/settings.js';
import { getTenant, insertTenant } from '../../src/orchestrator/store/tenant-rows.js';
import { findUserByEmail, grantRole, insertUser } from '../../src/orchestrator/store/users.js';
import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from '../../src/protocol/contracts.js';
import { ROUTES, type Route, type RouteId } from '../../src/protocol/routes.js';
import { makeTempDir, removeDir } from './temp-dir.js';

export type PersonRole = Exclude<Role, 'runner'>;

export const PASSWORD = 'correct horse battery staple';

export interface TestRequest<K extends RouteId> {
  readonly params?: ParamsOf<K>;
  readonly query?: Partial<QueryOf<K>>;
  readonly body?: BodyOf<K> | Buffer;
  /** Bearer token; none when absent. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestServer extends ServerNode {
  readonly dataDir: string;
  readonly tenantId: string;
  /** What the server logged as its own faults. */
  readonly faults: readonly unknown[];
  /** What the server mailed. */
  readonly letters: readonly Letter[];
  /** Sends a request of the table. */
  send<K extends RouteId>(route: K, request?: TestRequest<K>): Promise<LightMyRequestResponse>;
  /** Sends one that must succeed. */
  ok<K extends RouteId>(route: K, request?: TestRequest<K>): Promise<ReplyOf<K>>;
  /** The access token of a person with one role, made where there is none; in the tenant `default` unless named. */
  tokenOf(role: PersonRole, tenant?: string): Promise<string>;
  /** Makes another tenant. */
  addTenant(name: string): Promise<string>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  readonly clock?: () => number;
  /** An empty database; SQLite in the data folder by default. */
  readonly database?: string;
  /** Another node on the same database, blobs and keys. */
  readonly beside?: TestServer;
  readonly oidc?: OidcSettings;
  readonly publicUrl?: () => string;
  readonly runnerRps?: number;
}

export async function startTestServer({
  clock,
  database,
  beside,
  oidc,
  publicUrl = () => 'https://roc.example',
  runnerRps,
}: TestServerOptions = {}): Promise<TestServer> {
  const faults: unknown[] = [];
  const log: Log = { ...silentLog, error: (fields) => void faults.push(fields['err']) };
  const letters: Letter[] = [];
  const dataDir = beside?.dataDir ?? makeTempDir('server');
  const places = {
    database: database ?? `sqlite:${join(dataDir, 'roc.db')}`,
    blobs: { kind: 'disk' as const, root: dataDir },
    kms: { kind: 'local' as const, path: join(dataDir, 'keys', 'master.key') },
    formerKms: [],
    signingKeys: join(dataDir, 'keys', 'signing.json'),
  };
  const node = await createNode({
    places,
    version: '0.0.0',
    log,
    env: {},
    download: 'direct',
    trustedProxies: [],
    tls: null,
    mail: { canSend: true, send: async (letter) => void letters.push(letter) },
    publicUrl,
    oidc,
    ...(clock === undefined ? {} : { clock }),
    ...(runnerRps === undefined ? {} : { runnerRps }),
  });
  const { store, auth } = node.parts;
  const { tenantId } = await ensureFirstAdmin(store, auth, {
    email: 'owner@x',
    password: PASSWORD,
  });
  const send: TestServer['send'] = (id, request = {}) => inject(node, id, request);
  const ok: TestServer['ok'] = async (id, request) => {
    const response = await send(id, request);
    if (response.statusCode >= 300)
      throw new TypeError(`${id}: ${response.statusCode} ${response.body}`, { cause: faults.at(-1) });
    return response.body === '' ? undefined : JSON.parse(response.body);
  };
  const tokens = new Map<string, Promise<string>>();
  const signInAs = async (role: PersonRole, tenant: string) => {
    const email = tenant === 'default' ? `${role}@x` : `${role}@${tenant}`;
    const tenantId = (await getTenant(store, tenant)).id;
    if ((await findUserByEmail(store, email)) === null) {
      const passwordHash = await auth.passwords.hash(PASSWORD);
      await store.transaction(async (tx) => {
        await grantRole(tx, tenantId, await insertUser(tx, { email, passwordHash }), role);
      });
    }
    return (await ok('auth.login', { body: { email, password: PASSWORD } })).accessToken;
  };
  return {
    ...node,
    dataDir,
    tenantId,
    faults,
    letters,
    send,
    ok,
    tokenOf: (role, tenant = 'default') => {
      const key = `${role}@${tenant}`;
      const token = tokens.get(key) ?? signInAs(role, tenant);
      tokens.set(key, token);
      return token;
    },
    addTenant: async (name) => (await store.transaction((tx) => insertTenant(tx, name))) ?? '',
    close: async () => {
      node.held.endAll();
      await node.app.close();
      await store.close();
      if (beside === undefined) removeDir(dataDir);
    },
  };
}

function inject<K extends RouteId>(
  { app }: ServerNode,
  id: K,
  { params, query, body, token, headers }: TestRequest<K>,
): Promise<LightMyRequestResponse> {
  const route: Route = ROUTES[id];
  const values = (params ?? {}) as Record<string, string>;
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? name));
  const raw = Buffer.isBuffer(body);
  return app.inject({
    method: route.method,
    url: path,
    query: Object.fromEntries(Object.entries(query ?? {}).map(([name, value]) => [name, String(value)])),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': raw ? 'application/zip' : 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: raw ? body : JSON.stringify(body) }),
  });
}

export interface TestRunner {
  readonly id: string;
  readonly audience: string;
  readonly signKey: KeyObject;
  /** X25519, to open package keys with. */
  readonly boxKey: KeyObject;
  readonly token: string;
  readonly sessionEpoch: number;
  assertion(change?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

/** Registers a runner and opens its first session. */
export async function startTestRunner(
  server: Pick<TestServer, 'ok' | 'tokenOf'>,
  name = `runner-${randomUUID().slice(0, 8)}`,
  tenant = 'default',
): Promise<TestRunner> {
  const sign = generateKeyPairSync('ed25519');
  const box = generateKeyPairSync('x25519');
  const rawKey = (key: KeyObject) => key.export({ format: 'jwk' }).x ?? '';
  const { token } = await server.ok('runners.token', {
    token: await server.tokenOf('owner', tenant),
    body: {},
  });
  const host = { os: 'linux' as const, arch: 'x64', version: '0.0.0', labels: {}, slots: 2 };
  const { runnerId, audience } = await server.ok('runner.register', {
    body: { token, name, signKey: rawKey(sign.publicKey), boxKey: rawKey(box.publicKey), ...host },
  });
  const assertion: TestRunner['assertion'] = (change = {}, header = {}) => {
    const at = Math.floor(Date.now() / 1000);
    return new SignJWT({
      ...{ iss: runnerId, sub: runnerId, aud: audience, jti: randomUUID(), iat: at, exp: at + 30 },
      ...change,
    })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'roc-assertion+jwt', ...header })
      .sign(sign.privateKey);
  };
  const { accessToken } = await server.ok('runner.token', { body: { assertion: await assertion() } });
  const { sessionEpoch } = await server.ok('runner.session', {
    token: accessToken,
    body: { bootId: 'boot', ...host, running: [] },
  });
  return {
    ...{ id: runnerId, audience, token: accessToken, sessionEpoch, assertion },
    signKey: sign.privateKey,
    boxKey: box.privateKey,
  };
}
