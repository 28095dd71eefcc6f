/** Tokens of jobs and key exchanges: what each opens, what ends it, and how it is attacked. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openSecretText, secretBinding } from '../../../src/protocol/asset-secret.js';
import { unwrapKey, wrapKeyFor } from '../../../src/protocol/package/key-wrap.js';
import { publicKeyText } from '../../../src/runner/identity.js';
import { keyExchange, packageKey, type TestOffer, takeJob } from '../../helpers/job-keys.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import {
  startTestRunner,
  startTestServer,
  type TestRunner,
  type TestServer,
} from '../../helpers/test-server.js';

const SECRET = 'hunter2-é';

let server: TestServer;
let owner: string;
let runner: TestRunner;
let other: TestRunner;
let foreign: TestRunner;
let offer: TestOffer;
let token: string;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
  await prepare('default');
  await server.addTenant('acme');
  await prepare('acme');
  runner = await startTestRunner(server, 'one');
  other = await startTestRunner(server, 'two');
  foreign = await startTestRunner(server, 'far', 'acme');
});
afterAll(() => server.close());

beforeEach(async () => {
  offer = await lease();
  token = (await jobToken(offer)).token;
});

/** A robot with two assets, one of them a secret that is given to its process. */
async function prepare(tenant: string): Promise<void> {
  const by = await server.tokenOf('owner', tenant);
  const yaml = robotYaml('1.0.0', 'assets: [password, user]\n');
  const { bytes } = await packedRobot({ 'robot.yaml': yaml });
  const version = { robot: 'totals', version: '1.0.0' };
  await server.ok('versions.publish', { token: by, params: version, body: bytes });
  if (tenant !== 'default')
    for (const name of ['dev', 'prod'])
      await server.send('environments.create', { token: by, body: { name } });
  for (const environment of ['dev', 'prod'])
    await server.ok('deployments.create', { token: by, body: { ...version, environment } });
  for (const [asset, kind, value] of [
    ['password', 'secret', SECRET],
    ['user', 'text', 'ada'],
    ['unnamed', 'text', 'not declared'],
  ] as const)
    await server.ok('assets.set', { token: by, params: { asset }, body: { kind, value } });
  await server.ok('assets.grant', {
    token: by,
    params: { asset: 'password' },
    body: { process: 'totals' },
  });
}

async function lease(by = runner, environment = 'dev', as = owner): Promise<TestOffer> {
  await server.ok('jobs.start', { token: as, body: { process: 'totals', environment } });
  return takeJob(server, by);
}

const jobToken = ({ jobId, epoch }: TestOffer, by = runner) =>
  server.ok('runner.job-token', { token: by.token, params: { id: jobId }, body: { epoch } });
const read = (asset: string, by = token, id = offer.jobId) =>
  server.send('runner.asset', { token: by, params: { id, asset } });

async function reveal(asset: string, by: TestRunner, { jobId, epoch }: TestOffer): Promise<string> {
  const { token: own } = await jobToken({ ...offer, jobId, epoch } as TestOffer, by);
  const answer = (await read(asset, own, jobId)).json<{
    id: string;
    sealed: string;
    context: Record<string, string>;
    wrappedKey: string;
  }>();
  const key = unwrapKey(
    by.boxKey,
    answer.wrappedKey,
    secretBinding({ runnerId: by.id, jobId, epoch }, answer),
  );
  return openSecretText(key, answer.context, answer.sealed);
}

describe('the token of a job', () => {
  it('reads the assets that its robot names, and no other ones', async () => {
    expect((await read('user')).json()).toMatchObject({ kind: 'text', value: 'ada' });
    expect(await reveal('password', runner, offer)).toBe(SECRET);
    expect((await read('password')).body).not.toContain('hunter2');
    expect((await read('unnamed')).statusCode).toBe(403);
    expect((await read('no-such')).statusCode).toBe(403);
  });

  it('says before the start what the job would miss', async () => {
    expect((await jobToken(offer)).problems).toEqual([]);
    await server.ok('assets.revoke', {
      token: owner,
      params: { asset: 'password' },
      body: { process: 'totals' },
    });
    expect((await jobToken(offer)).problems).toMatchObject([{ asset: 'password' }]);
    expect((await read('password')).statusCode).toBe(403);
    await server.ok('assets.grant', { token: owner, params: { asset: 'password' }, body: {} });
    expect((await read('password')).statusCode).toBe(200);
  });

  it('reads the secret of its own environment, never that of another one', async () => {
    const inProd = { token: owner, params: { asset: 'password' }, query: { environment: 'prod' } };
    await server.ok('assets.set', { ...inProd, body: { kind: 'secret', value: 'of prod' } });
    await server.ok('assets.grant', { ...inProd, body: { process: 'totals' } });
    expect(await reveal('password', runner, offer)).toBe(SECRET);
    expect(await reveal('password', runner, await lease(runner, 'prod'))).toBe('of prod');
    // Moved in the database, it opens nowhere.
    const { db } = server.parts.store;
    await db.updateTable('asset').set({ name: 'password@dev' }).where('name', '=', 'password@prod').execute();
    expect((await read('password')).statusCode).toBe(500);
    await db.deleteFrom('asset').where('name', '=', 'password@dev').execute();
  });

  it('takes no grant that was written into the database by hand', async () => {
    const { db } = server.parts.store;
    const params = { asset: 'password' };
    const own = () => db.selectFrom('asset_grant').where('tenant_id', '=', server.tenantId);
    const clear = () => db.deleteFrom('asset_grant').where('tenant_id', '=', server.tenantId).execute();
    await clear();
    expect((await read('password')).statusCode).toBe(403);
    // A grant that counts, moved to this very process with the seal that it had.
    await server.ok('assets.grant', { token: owner, params, body: {} });
    const grant = await own().selectAll().executeTakeFirstOrThrow();
    const { id: process_id } = await db
      .selectFrom('process')
      .select('id')
      .where('tenant_id', '=', server.tenantId)
      .where('name', '=', 'totals')
      .executeTakeFirstOrThrow();
    await clear();
    await db
      .insertInto('asset_grant')
      .values({ ...grant, process_id })
      .execute();
    expect((await read('password')).statusCode).toBe(403);
    await clear();
    await server.ok('assets.grant', { token: owner, params, body: { process: 'totals' } });
    expect((await read('password')).statusCode).toBe(200);
  });

  it('gives nothing that was taken back or replaced while its key was opened', async () => {
    const { kms } = server.parts.packages;
    const unwrap = kms.unwrap.bind(kms);
    const params = { asset: 'password' };
    const body = { process: 'totals' };
    const meanwhile = (work: () => Promise<unknown>) =>
      vi.spyOn(kms, 'unwrap').mockImplementationOnce(async (...args) => {
        const key = await unwrap(...args);
        await work();
        return key;
      });
    meanwhile(() => server.ok('assets.revoke', { token: owner, params, body }));
    expect((await read('password')).statusCode).toBe(403);
    await server.ok('assets.grant', { token: owner, params, body });
    const again = { kind: 'secret', value: SECRET } as const;
    meanwhile(() => server.ok('assets.set', { token: owner, params, body: again }));
    expect((await read('password')).json()).toMatchObject({ status: 409, code: 'ROC_CONFLICT' });
    vi.restoreAllMocks();
    await server.ok('assets.grant', { token: owner, params, body });
    expect(await reveal('password', runner, offer)).toBe(SECRET);
  });

  it('is the same one for a while, under its own claim alone', async () => {
    expect((await jobToken(offer)).token).toBe(token);
    expect((await jobToken(await lease())).token).not.toBe(token);
  });

  it('dies with its claim: canceled, lost, ended', async () => {
    const params = { id: offer.jobId };
    await server.ok('runner.started', { token: runner.token, params, body: { epoch: offer.epoch } });
    expect((await read('password')).statusCode).toBe(200);
    await server.ok('jobs.cancel', { token: owner, params });
    expect((await read('password')).json()).toMatchObject({ status: 409, code: 'ROC_CANCELING' });
    const body = {
      epoch: offer.epoch,
      resultId: 'result-0123456789',
      outcome: 'canceled',
      error: null,
    } as const;
    await server.ok('runner.complete', { token: runner.token, params, body });
    expect((await read('user')).json()).toMatchObject({ status: 409, code: 'ROC_STALE_LEASE' });
    const late = { token: runner.token, params, body: { epoch: offer.epoch } };
    expect((await server.send('runner.job-token', late)).statusCode).toBe(409);
  });

  it('is stale under the next claim, whosever that is', async () => {
    const leaver = await startTestRunner(server, 'leaver');
    const held = await lease(leaver);
    const { token: own } = await jobToken(held, leaver);
    await server.ok('runner.leave', { token: leaver.token, query: { sessionEpoch: leaver.sessionEpoch } });
    const again = await takeJob(server, other);
    expect([again.jobId, again.epoch]).toEqual([held.jobId, held.epoch + 1]);
    expect((await read('user', own, held.jobId)).json()).toMatchObject({
      ...{ status: 409, code: 'ROC_STALE_LEASE' },
    });
    expect((await read('user', (await jobToken(again, other)).token, held.jobId)).statusCode).toBe(200);
    const asked = { token: leaver.token, params: { id: again.jobId }, body: { epoch: again.epoch } };
    expect((await server.send('runner.job-token', asked)).statusCode).toBe(409);
  });

  it('dies with its runner', async () => {
    const gone = await startTestRunner(server, 'gone');
    const held = await lease(gone);
    const { token: own } = await jobToken(held, gone);
    await server.ok('runners.remove', { token: owner, params: { id: gone.id } });
    expect((await read('user', own, held.jobId)).statusCode).toBe(401);
  });

  it('ends by itself after ten minutes at the latest', async () => {
    const { exp = 0, iat = 0 } = claimsOf(token) as { exp?: number; iat?: number };
    expect(exp - iat).toBeLessThanOrEqual(600);
  });

  it('opens nothing of another job, runner or tenant', async () => {
    const second = await lease(other);
    expect((await read('user', token, second.jobId)).statusCode).toBe(403);
    const away = await lease(foreign, 'dev', await server.tokenOf('owner', 'acme'));
    expect((await read('user', token, away.jobId)).statusCode).toBe(403);
    const theirs = await jobToken(away, foreign);
    expect((await read('user', theirs.token)).statusCode).toBe(403);
    expect((await read('user', theirs.token, away.jobId)).statusCode).toBe(200);
    // No runner gets the token of a job that another one holds.
    for (const by of [other, foreign]) {
      const asked = { token: by.token, params: { id: offer.jobId }, body: { epoch: offer.epoch } };
      expect((await server.send('runner.job-token', asked)).statusCode).toBe(409);
    }
  });
});

function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

function serverKey(): { key: KeyObject; kid: string } {
  const file = readFileSync(join(server.dataDir, 'keys', 'signing.json'), 'utf8');
  const [own] = (
    JSON.parse(file) as { keys: { kid: string; kty: string; crv: string; x: string; d: string }[] }
  ).keys;
  const { kid = '', kty = '', crv = '', x = '', d = '' } = own ?? {};
  return { kid, key: createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' }) };
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a token of a job that is not one', () => {
  type Forge = (
    claims: Record<string, unknown>,
    header: Record<string, unknown>,
    by?: KeyObject,
  ) => Promise<string>;
  const sign: Forge = (claims, header, by = serverKey().key) =>
    new SignJWT(claims).setProtectedHeader(header as { alg: string }).sign(by);
  const header = () => ({ alg: 'EdDSA', typ: 'roc-job+jwt', kid: serverKey().kid });
  const now = () => Math.floor(Date.now() / 1000);

  it('would be taken, were it bent in nothing', async () => {
    expect((await read('user', await sign(claimsOf(token), header()))).statusCode).toBe(200);
  });

  const ATTACKS: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['alg none', () => `${base64({ ...header(), alg: 'none' })}.${base64(claimsOf(token))}.`],
    ['no signature', () => `${token.split('.').slice(0, 2).join('.')}.`],
    ["the attacker's key", () => sign(claimsOf(token), header(), generateKeyPairSync('ed25519').privateKey)],
    ["the runner's key", () => sign(claimsOf(token), header(), runner.signKey)],
    ['typ of a person', () => sign(claimsOf(token), { ...header(), typ: 'roc-at+jwt' })],
    ['typ of a runner', () => sign(claimsOf(token), { ...header(), typ: 'roc-runner+jwt' })],
    ['typ of a key exchange', () => sign(claimsOf(token), { ...header(), typ: 'roc-key+jwt' })],
    ['typ of an assertion', () => sign(claimsOf(token), { ...header(), typ: 'roc-assertion+jwt' })],
    ["a person's claims", () => sign(claimsOf(owner), header())],
    ["a runner's claims", () => sign(claimsOf(runner.token), header())],
    [
      "the runners' audience",
      () => sign({ ...claimsOf(token), aud: claimsOf(runner.token)['aud'] }, header()),
    ],
    ['no epoch', () => sign({ ...claimsOf(token), epoch: undefined }, header())],
    ['an epoch that is text', () => sign({ ...claimsOf(token), epoch: '1' }, header())],
    [
      'expired',
      () => sign({ ...claimsOf(token), iat: now() - 1000, nbf: now() - 1000, exp: now() - 400 }, header()),
    ],
    ['for a day', () => sign({ ...claimsOf(token), exp: now() + 86_400 }, header())],
    ['of an unknown runner', () => sign({ ...claimsOf(token), sid: '01JA9V3R8WZQK4T6E5M2N7X0CB' }, header())],
    ['of another tenant', () => sign({ ...claimsOf(token), tid: '01JA9V3R8WZQK4T6E5M2N7X0CB' }, header())],
    ['a key exchange', () => keyExchange(runner, offer)],
    ["the runner's assertion", () => runner.assertion()],
  ];

  it.each(ATTACKS)('%s: nothing is read', async (_attack, forge) => {
    const answer = await read('password', await forge());
    expect([401, 403]).toContain(answer.statusCode);
    // The id of the request is chance, and now and then spells one of these.
    const { requestId: _, ...told } = answer.json<Record<string, unknown>>();
    expect(JSON.stringify(told)).not.toMatch(/hunter2|wrappedKey|sealed|JWS|JWT|claim/);
  });

  it('is refused under another epoch, also one that our own key signed', async () => {
    const ahead = await sign({ ...claimsOf(token), epoch: offer.epoch + 1 }, header());
    expect((await read('password', ahead)).statusCode).toBe(409);
  });
});

describe('a key exchange', () => {
  const ask = async (exchange: string, by = runner, of = offer) =>
    server.send('runner.key', {
      token: by.token,
      params: { id: of.jobId },
      body: { epoch: of.epoch, exchange },
    });

  it('brings the key of the package, and brings it again where the answer was lost', async () => {
    const key = await packageKey(server, runner, offer);
    expect((await packageKey(server, runner, offer)).equals(key)).toBe(true);
  });

  const BENT: readonly (readonly [
    string,
    (at: number) => [Record<string, unknown>, Record<string, unknown>?],
  ])[] = [
    ['typ of an assertion', () => [{}, { typ: 'roc-assertion+jwt' }]],
    ['typ of a job', () => [{}, { typ: 'roc-job+jwt' }]],
    ['no typ', () => [{}, { typ: undefined }]],
    ['the audience of assertions', () => [{ aud: runner.audience }]],
    ['another installation', () => [{ aud: 'urn:roc:other:key' }]],
    ['another runner', () => [{ iss: other.id }]],
    ['another job', () => [{ sub: '01JA9V3R8WZQK4T6E5M2N7X0CB' }]],
    ['another tenant', () => [{ tid: '01JA9V3R8WZQK4T6E5M2N7X0CB' }]],
    ['another epoch', () => [{ epoch: 99 }]],
    ['another package', () => [{ digest: `sha256:${'0'.repeat(64)}` }]],
    ["the attacker's box", () => [{ box: publicKeyText(generateKeyPairSync('x25519').privateKey) }]],
    ['expired', (at) => [{ iat: at - 400, exp: at - 370 }]],
    ['for an hour', (at) => [{ exp: at + 3600 }]],
    ['without an end', () => [{ exp: undefined }]],
  ];

  it.each(BENT)('%s is refused', async (_, bend) => {
    const [claims, head] = bend(Math.floor(Date.now() / 1000));
    const answer = await ask(await keyExchange(runner, offer, claims, head));
    expect(answer.statusCode, answer.body).toBe(403);
    expect(answer.body).not.toContain('wrappedKey');
  });

  it('signed by another key, by nobody, or being no exchange at all is refused', async () => {
    const [head, body] = (await keyExchange(runner, offer)).split('.');
    const unsigned = `${base64({ alg: 'none', typ: 'roc-key+jwt' })}.${body}.`;
    const swapped = `${head}.${body}.${(await keyExchange(other, offer)).split('.')[2]}`;
    for (const exchange of [unsigned, swapped, token, runner.token, await runner.assertion(), 'x', ''])
      expect((await ask(exchange)).statusCode).toBe(403);
  });

  it('sent again by somebody else brings nothing: neither with their token, nor with what comes back', async () => {
    const exchange = await keyExchange(runner, offer);
    for (const by of [other, foreign]) expect((await ask(exchange, by)).statusCode).toBe(409);
    const { wrappedKey } = (await ask(exchange)).json<{ wrappedKey: string }>();
    const binding = {
      runnerId: runner.id,
      jobId: offer.jobId,
      epoch: offer.epoch,
      digest: offer.package.digest,
    };
    expect(() => unwrapKey(other.boxKey, wrappedKey, binding)).toThrow('not sealed for this runner');
    expect(() => unwrapKey(runner.boxKey, wrappedKey, { ...binding, epoch: offer.epoch + 1 })).toThrow();
  });

  it('brings nothing where the key of the runner was changed in the database', async () => {
    const { db } = server.parts.store;
    const boxKey = publicKeyText(generateKeyPairSync('x25519').privateKey);
    await db.updateTable('runner').set({ box_key: boxKey }).where('id', '=', runner.id).execute();
    server.parts.auth.authenticator.forgetAll();
    expect((await ask(await keyExchange(runner, offer))).statusCode).toBe(403);
    const own = publicKeyText(runner.boxKey);
    await db.updateTable('runner').set({ box_key: own }).where('id', '=', runner.id).execute();
    server.parts.auth.authenticator.forgetAll();
    expect((await ask(await keyExchange(runner, offer))).statusCode).toBe(200);
  });

  it('brings nothing for a job that is being canceled', async () => {
    const params = { id: offer.jobId };
    await server.ok('runner.started', { token: runner.token, params, body: { epoch: offer.epoch } });
    await server.ok('jobs.cancel', { token: owner, params });
    const answer = await ask(await keyExchange(runner, offer));
    expect(answer.json()).toMatchObject({ status: 409, code: 'ROC_CANCELING' });
    const result = { resultId: 'result-0123456789', outcome: 'canceled', error: null } as const;
    const told = { token: runner.token, params, body: { ...result, epoch: offer.epoch } };
    expect(await server.ok('runner.complete', told)).toEqual({ state: 'canceled' });
  });

  it('opens no secret in place of a package, nor the reverse', async () => {
    const key = Buffer.alloc(32, 7);
    const leased = { runnerId: runner.id, jobId: offer.jobId, epoch: offer.epoch };
    const wrapped = wrapKeyFor(publicKeyText(runner.boxKey), key, {
      ...leased,
      digest: offer.package.digest,
    });
    const asSecret = secretBinding(leased, { id: 'A', sealed: 'x' });
    expect(() => unwrapKey(runner.boxKey, wrapped, asSecret)).toThrow('not sealed for this runner');
  });
});

it('no fault of the server but the secret that was moved by hand', () => {
  expect(server.faults).toHaveLength(1);
});
