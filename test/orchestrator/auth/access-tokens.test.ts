import { createHmac, createPrivateKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CryptoKey, exportSPKI, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessClaims, createAccessTokens } from '../../../src/orchestrator/auth/access-tokens.js';
import { openSigningKeys, type SigningKeys } from '../../../src/orchestrator/auth/signing-keys.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const USER: AccessClaims = { kind: 'user', subject: 'U', tenantId: 'T', sessionId: 'S' };
let dir: string;
let keys: SigningKeys;
/** The server's own key, as who has stolen the file has it. */
let own: KeyObject;

beforeAll(async () => {
  dir = makeTempDir('tokens');
  const file = join(dir, 'keys', 'signing.json');
  keys = await openSigningKeys(file);
  const [{ kty, crv, x, d }] = JSON.parse(readFileSync(file, 'utf8')).keys;
  own = createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' });
});
afterAll(() => removeDir(dir));

interface Forgery {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  issuer?: string;
  audience?: string;
  iat?: number;
  nbf?: number;
  exp?: number;
  key?: CryptoKey;
}

/** A token as the server would sign it, but for what the case changes. */
async function forge(change: Forgery = {}): Promise<string> {
  const at = NOW / 1000;
  return new SignJWT({ tid: 'T', sid: 'S', ...change.claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'roc-at+jwt', kid: keys.active.kid, ...change.header })
    .setIssuer(change.issuer ?? keys.issuer)
    .setAudience(change.audience ?? `${keys.issuer}:api`)
    .setSubject('U')
    .setIssuedAt(change.iat ?? at)
    .setNotBefore(change.nbf ?? at)
    .setExpirationTime(change.exp ?? at + 600)
    .sign((change.key ?? own) as never);
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function verify(token: string, at = NOW): Promise<AccessClaims> {
  return createAccessTokens(keys, () => at).verify(token);
}

describe('access tokens', () => {
  it('come back as they were issued', async () => {
    const tokens = createAccessTokens(keys, () => NOW);
    for (const claims of [USER, { ...USER, kind: 'runner' as const }]) {
      const { token, expiresAt } = await tokens.issue(claims);
      expect(expiresAt - NOW).toBeLessThanOrEqual(600_000);
      expect(await tokens.verify(token)).toEqual(claims);
    }
  });

  it('verifies a forgery without a change, so that each case below fails for its change alone', async () => {
    expect(await verify(await forge())).toEqual(USER);
  });

  it.each<[string, () => Promise<string>]>([
    [
      'alg none',
      async () =>
        `${encode({ alg: 'none', typ: 'roc-at+jwt', kid: keys.active.kid })}.${(await forge()).split('.')[1]}.`,
    ],
    [
      'HS256 signed with the public key',
      async () => {
        const pem = await exportSPKI(keys.verifiers.get(keys.active.kid) as never);
        const head = `${encode({ alg: 'HS256', typ: 'roc-at+jwt', kid: keys.active.kid })}.${(await forge()).split('.')[1]}`;
        return `${head}.${createHmac('sha256', pem).update(head).digest('base64url')}`;
      },
    ],
    ['a runner typ on a person audience', () => forge({ header: { typ: 'roc-runner+jwt' } })],
    ['no typ', () => forge({ header: { typ: undefined } })],
    ['plain JWT typ', () => forge({ header: { typ: 'JWT' } })],
    ['an assertion typ', () => forge({ header: { typ: 'roc-assertion+jwt' } })],
    ['another issuer', () => forge({ issuer: 'urn:roc:other' })],
    ['another audience', () => forge({ audience: `${keys.issuer}:runner` })],
    ['an unknown kid', () => forge({ header: { kid: 'nobody' } })],
    ['no kid', () => forge({ header: { kid: undefined } })],
    [
      "another key under the server's kid",
      async () => forge({ key: (await generateKeyPair('EdDSA', { crv: 'Ed25519' })).privateKey as never }),
    ],
    [
      'expired beyond the skew',
      () => forge({ iat: NOW / 1000 - 700, nbf: NOW / 1000 - 700, exp: NOW / 1000 - 100 }),
    ],
    ['not yet valid beyond the skew', () => forge({ nbf: NOW / 1000 + 120 })],
    ['a life longer than ten minutes', () => forge({ exp: NOW / 1000 + 3600 })],
    ['no tenant', () => forge({ claims: { tid: undefined } })],
    ['a tenant that is no text', () => forge({ claims: { tid: 7 } })],
    ['no session', () => forge({ claims: { sid: undefined } })],
    [
      'a changed claim',
      async () => {
        const [head, , signature] = (await forge()).split('.');
        return `${head}.${encode({ sub: 'root', tid: 'T', sid: 'S' })}.${signature}`;
      },
    ],
    ['junk', async () => 'a.b.c'],
    ['nothing', async () => ''],
    ['a header that is no JSON', async () => `${Buffer.from('{').toString('base64url')}.e30.x`],
  ])('refuses %s', async (_, make) => {
    await expect(verify(await make())).rejects.toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
  });

  it('allows a minute of clock skew', async () => {
    expect(await verify(await forge({ nbf: NOW / 1000 + 50, iat: NOW / 1000 + 50 }))).toEqual(USER);
    expect(await verify(await forge(), NOW + 650_000)).toEqual(USER);
  });

  it('forgets a remembered token when it ends', async () => {
    let time = NOW;
    const tokens = createAccessTokens(keys, () => time);
    const { token } = await tokens.issue(USER);
    await tokens.verify(token);
    time += 661_000;
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
  });
});

describe('the file of signing keys', () => {
  it('is private, made once, and read again by the next start', async () => {
    const { statSync } = await import('node:fs');
    const file = join(dir, 'keys', 'signing.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'keys')).mode & 0o777).toBe(0o700);
    const again = await openSigningKeys(file);
    expect(again.issuer).toBe(keys.issuer);
    const { token } = await createAccessTokens(keys, () => NOW).issue(USER);
    expect(await createAccessTokens(again, () => NOW).verify(token)).toEqual(USER);
  });

  it('publishes public halves only', () => {
    expect(JSON.stringify(keys.jwks)).not.toContain('"d"');
    expect(keys.jwks.keys).toHaveLength(1);
  });

  it('is one file when two servers start at once', async () => {
    const file = join(dir, 'race', 'signing.json');
    const both = await Promise.all([openSigningKeys(file), openSigningKeys(file)]);
    expect(new Set(both.map(({ active }) => active.kid)).size).toBe(1);
  });

  it.each([
    ['others may read it', 0o644, null, 'ROC_DATA_DIR_UNUSABLE'],
    ['it is no key file', 0o600, '{}', 'ROC_CONFIG_INVALID'],
    ['it is no JSON', 0o600, 'x', 'ROC_CONFIG_INVALID'],
  ])('is refused when %s', async (name, mode, text, code) => {
    const { chmodSync, copyFileSync, writeFileSync } = await import('node:fs');
    const file = join(dir, `${name.replaceAll(' ', '-')}.json`);
    if (text === null) copyFileSync(join(dir, 'keys', 'signing.json'), file);
    else writeFileSync(file, text);
    chmodSync(file, mode);
    await expect(openSigningKeys(file)).rejects.toMatchObject({ code });
  });
});
