import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestRunner,
  startTestServer,
  type TestRunner,
  type TestServer,
} from '../../helpers/test-server.js';

let server: TestServer;
let runner: TestRunner;
let time = Date.UTC(2026, 4, 1);
const at = () => Math.floor(time / 1000);

beforeAll(async () => {
  server = await startTestServer({ clock: () => time });
  time = Date.now();
  runner = await startTestRunner(server);
});
afterAll(() => server.close());

const trade = async (assertion: string) =>
  (await server.send('runner.token', { body: { assertion } })).statusCode;

function signedBy(key: KeyObject, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'roc-assertion+jwt' }).sign(key);
}

describe("a runner's assertion", () => {
  it('is traded for a token, once', async () => {
    const assertion = await runner.assertion();
    expect(await trade(assertion)).toBe(200);
    expect(await trade(assertion)).toBe(401);
  });

  it.each<[string, () => Promise<string>]>([
    ['of another audience', () => runner.assertion({ aud: 'urn:roc:other:token' })],
    ['for the API', () => runner.assertion({ aud: runner.audience.replace(/token$/, 'runner') })],
    ['of another type', () => runner.assertion({}, { typ: 'JWT' })],
    ['with the type of an access token', () => runner.assertion({}, { typ: 'roc-runner+jwt' })],
    ['that has expired', () => runner.assertion({ iat: at() - 200, exp: at() - 150 })],
    ['that lives too long', () => runner.assertion({ exp: at() + 61 + 60 })],
    ['without an id', () => runner.assertion({ jti: undefined })],
    ['with an empty id', () => runner.assertion({ jti: '' })],
    ['with an id beyond measure', () => runner.assertion({ jti: 'x'.repeat(191) })],
    ['without an end', () => runner.assertion({ exp: undefined })],
    ['for another subject', () => runner.assertion({ sub: '01JA9V3R8WZQK4T6E5M2N7X0CB' })],
    [
      'of an unknown runner',
      () => runner.assertion({ sub: '01JA9V3R8WZQK4T6E5M2N7X0CB', iss: '01JA9V3R8WZQK4T6E5M2N7X0CB' }),
    ],
    [
      'signed by another key',
      () =>
        signedBy(generateKeyPairSync('ed25519').privateKey, {
          ...{ iss: runner.id, sub: runner.id, aud: runner.audience, jti: 'x'.repeat(20) },
          ...{ iat: at(), exp: at() + 30 },
        }),
    ],
    ['without a signature', async () => (await runner.assertion()).replace(/[^.]+$/, '')],
    ['that is an access token', async () => runner.token],
    ['that is junk', async () => 'a.b.c'],
  ])('%s is refused', async (_, make) => {
    expect(await trade(await make())).toBe(401);
  });
});

describe('a registration token', () => {
  const register = async (token: string, name: string) =>
    (
      await server.send('runner.register', {
        body: {
          token,
          name,
          signKey: 'A'.repeat(43),
          boxKey: 'B'.repeat(43),
          os: 'linux',
          arch: 'x64',
          version: '1',
        },
      })
    ).statusCode;
  const make = async () =>
    await server.ok('runners.token', { token: await server.tokenOf('owner'), body: {} });

  it('registers one runner', async () => {
    const { token } = await make();
    expect(await register(token, 'one')).toBe(201);
    expect(await register(token, 'two')).toBe(401);
  });

  it('is not spent on a name in use', async () => {
    const { token } = await make();
    expect(await register(token, 'one')).toBe(409);
    expect(await register(token, 'three')).toBe(201);
  });

  it('ends after an hour, and is kept as a hash', async () => {
    const { token, expiresAt } = await make();
    expect(Date.parse(expiresAt) - time).toBe(3_600_000);
    const rows = await server.parts.store.db.selectFrom('runner_token').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
    time += 3_600_000;
    expect(await register(token, 'four')).toBe(401);
  });
});

describe('a removed runner', () => {
  it('is refused at once on this node, with token and assertion', async () => {
    time = Date.now();
    const gone = await startTestRunner(server);
    const assertion = await gone.assertion();
    await server.ok('runners.remove', { token: await server.tokenOf('owner'), params: { id: gone.id } });
    const poll = { sessionEpoch: gone.sessionEpoch, freeSlots: 1, waitMs: 0 };
    expect((await server.send('runner.poll', { token: gone.token, body: poll })).statusCode).toBe(401);
    expect(await trade(assertion)).toBe(401);
  });
});
