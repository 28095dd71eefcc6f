import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAccessTokens } from '../../../src/orchestrator/auth/access-tokens.js';
import {
  listSigningKeys,
  openSigningKeys,
  rotateSigningKeys,
  type SigningKeys,
} from '../../../src/orchestrator/auth/signing-keys.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const START = Date.UTC(2026, 4, 1);
const MINUTE = 60_000;
const env = {};
const USER = { kind: 'user' as const, subject: 'ana', tenantId: 'tenant', sessionId: 'session' };

let dir: string;
let file: string;
let time: number;
/** Two nodes of one installation. */
let one: SigningKeys;
let two: SigningKeys;

beforeEach(async () => {
  dir = makeTempDir('keys');
  file = join(dir, 'signing.json');
  time = START;
  one = await openSigningKeys(file, () => time, env);
  two = await openSigningKeys(file, () => time, env);
});
afterEach(() => removeDir(dir));

const rotate = (isStolen = false) => rotateSigningKeys(file, { now: time, isStolen, env });
const kidOf = (token: string) =>
  (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
const issue = async (keys: SigningKeys) => (await createAccessTokens(keys, () => time).issue(USER)).token;
const verify = (keys: SigningKeys, token: string) => createAccessTokens(keys, () => time).verify(token);

describe('a rotation', () => {
  it('publishes the next key before any node signs with it, and never leaves a token unknown', async () => {
    const former = kidOf(await issue(one));
    await rotate();
    await one.reload();
    // The other node has not looked yet: nothing that the first one signs is news to it.
    expect(one.jwks.keys).toHaveLength(2);
    for (let at = 0; at < 45; at++) {
      time = START + at * MINUTE;
      if (at === 10) await two.reload();
      const token = await issue(one);
      expect(await verify(two, token), `minute ${at}`).toEqual(USER);
      expect(await verify(one, await issue(two)), `minute ${at}`).toEqual(USER);
      expect(kidOf(token) === former, `minute ${at}`).toBe(at < 15);
    }
    expect(one.jwks.keys.map(({ kid }) => kid)).not.toContain(former);
  });

  it('lets tokens of the former key live to their end, and no longer', async () => {
    await rotate();
    await one.reload();
    time = START + 15 * MINUTE - 1000;
    const last = await issue(one);
    time += 10 * MINUTE;
    expect(await verify(one, last)).toEqual(USER);
    time = START + 28 * MINUTE;
    await expect(verify(one, last)).rejects.toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
    const states = (await listSigningKeys(file, { now: time, env })).map(({ state }) => state);
    expect(states).toEqual(['over', 'signs']);
  });

  it('waits for the one before it', async () => {
    await rotate();
    await expect(rotate()).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    time += 16 * MINUTE;
    expect((await rotate()).map(({ state }) => state)).toEqual(['counts', 'signs', 'next']);
  });

  it('after a theft throws the former keys away, also for tokens that were verified before', async () => {
    const tokens = createAccessTokens(two, () => time);
    const token = await issue(one);
    expect(await tokens.verify(token)).toEqual(USER);
    await rotate(true);
    for (const keys of [one, two]) await keys.reload();
    time += 1000;
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
    expect(await verify(two, await issue(one))).toEqual(USER);
  });

  it('keeps the installation and the secret of refresh tokens', async () => {
    const before = { issuer: one.issuer, secret: one.refreshSecret.toString('hex') };
    await rotate(true);
    const again = await openSigningKeys(file, () => time, env);
    expect({ issuer: again.issuer, secret: again.refreshSecret.toString('hex') }).toEqual(before);
  });

  it('of what is not there yet is refused', async () => {
    const none = rotateSigningKeys(join(dir, 'none.json'), { now: time, isStolen: false, env });
    await expect(none).rejects.toMatchObject({ code: 'ROC_NOT_FOUND' });
  });

  it('forgets keys a day after they have ended, and takes files of before keys had times', async () => {
    const ring = JSON.parse(readFileSync(file, 'utf8')) as { keys: Record<string, unknown>[] };
    expect(ring.keys).toHaveLength(1);
    for (let n = 0; n < 4; n++) {
      await rotate();
      time += 26 * 60 * MINUTE;
    }
    expect(await listSigningKeys(file, { now: time, env })).toHaveLength(2);
  });
});
