/** Signing keys that AWS KMS keeps, against a strict fake of KMS and, for what it can do, moto. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditSecretsOf } from '../../../src/orchestrator/audit/audit-keys.js';
import { createAccessTokens } from '../../../src/orchestrator/auth/access-tokens.js';
import {
  listSigningKeys,
  openSigningKeys,
  rotateSigningKeys,
  type SigningKeys,
} from '../../../src/orchestrator/auth/signing-keys.js';
import { GENESIS } from '../../../src/protocol/audit/chain.js';
import { isSigned, signCheckpointBy } from '../../../src/protocol/audit/checkpoint.js';
import { AwsFault, type RunningFakeAws, startFakeAws } from '../../helpers/aws-model/fake-aws.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { describeWith } from '../../helpers/parts.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const MINUTE = 60_000;
const newDir = tempDirs('kms-keys');
const arnOf = (id: string) => `arn:aws:kms:eu-west-1:111122223333:key/${id}`;
const USER = { kind: 'user' as const, subject: 'U', tenantId: 'T', sessionId: 'S' };

describeWith('botocore', 'signing keys in AWS KMS (a strict fake)', () => {
  let aws: RunningFakeAws;
  let held: Map<string, KeyObject>;
  let env: Record<string, string>;
  let file: string;
  let time: number;
  let one: SigningKeys;
  let two: SigningKeys;

  beforeEach(async () => {
    held = new Map(['first', 'second'].map((id) => [arnOf(id), generateKeyPairSync('ed25519').privateKey]));
    const keyOf = (arn: string) => {
      const key = held.get(arn);
      if (key === undefined) throw new AwsFault('NotFoundException', `${arn} does not exist`);
      return key;
    };
    aws = await startFakeAws({
      'kms:GetPublicKey': ({ KeyId }: { KeyId: string }) => ({
        ...{ KeyId, KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' },
        PublicKey: publicHalf(keyOf(KeyId)),
        SigningAlgorithms: ['ED25519_SHA_512'],
      }),
      'kms:Sign': ({ KeyId, Message, MessageType, SigningAlgorithm }: Record<string, string>) => {
        if (MessageType !== 'RAW' || SigningAlgorithm !== 'ED25519_SHA_512')
          throw new AwsFault('ValidationException', 'Ed25519 signs raw messages');
        const bytes = Buffer.from(Message ?? '', 'base64');
        if (bytes.length > 4096) throw new AwsFault('ValidationException', 'too long');
        return {
          KeyId,
          SigningAlgorithm,
          Signature: sign(null, bytes, keyOf(KeyId ?? '')).toString('base64'),
        };
      },
    } as never);
    env = {
      ...{ AWS_ENDPOINT_URL: aws.url, AWS_REGION: 'eu-west-1' },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    };
    Object.assign(process.env, env);
    file = join(newDir(), 'signing.json');
    time = Date.UTC(2026, 2, 1);
    one = await openSigningKeys(file, () => time, env);
    two = await openSigningKeys(file, () => time, env);
  });
  afterEach(async () => {
    expect(aws.problems).toEqual([]);
    for (const name of Object.keys(env)) delete process.env[name];
    await aws.close();
  });

  const rotate = (kms?: string, isStolen = false) =>
    rotateSigningKeys(file, { now: time, isStolen, kms, env });
  const reload = () => Promise.all([one.reload(), two.reload()]);
  const issue = async () => (await createAccessTokens(one, () => time).issue(USER)).token;
  const verify = (token: string) => createAccessTokens(two, () => time).verify(token);
  const signs = () => aws.calls.filter((call) => call === 'kms:Sign').length;

  it('publish the next one before it signs, and then sign every token there', async () => {
    const states = await rotate(arnOf('first'));
    expect(states.map(({ state, kms }) => [state, kms])).toEqual([
      ['signs', null],
      ['next', arnOf('first')],
    ]);
    await reload();
    expect(two.jwks.keys.map(({ kid }) => kid)).toContain(states[1]?.kid);
    const before = signs();
    await verify(await issue());
    expect(signs()).toBe(before);
    time += 16 * MINUTE;
    const token = await issue();
    expect(await verify(token)).toEqual(USER);
    expect(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).toEqual({
      ...{ alg: 'EdDSA', typ: 'roc-at+jwt', kid: states[1]?.kid },
    });
    expect(signs()).toBe(before + 1);
    // The private half is nowhere but there.
    const stored = JSON.parse(readFileSync(file, 'utf8')).keys as { kms?: string; d?: string }[];
    expect(stored.find(({ kms }) => kms !== undefined)?.d).toBeUndefined();
  });

  it('after a theft of the ring count at once, and the thief’s key no longer', async () => {
    const stolen = await issue();
    await rotate(arnOf('first'), true);
    await reload();
    expect(await verify(await issue())).toEqual(USER);
    await expect(verify(stolen)).rejects.toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
  });

  it('that are away keep nobody out who has a token, and give no new one', async () => {
    await rotate(arnOf('first'), true);
    await reload();
    const token = await issue();
    held.delete(arnOf('first'));
    await expect(issue()).rejects.toThrow();
    expect(await verify(token)).toEqual(USER);
  });

  it('sign checkpoints of the audit chain, which verify also when the key is gone from the ring', async () => {
    const plain = auditSecretsOf(one.refreshSecret);
    await rotate(arnOf('first'), true);
    await reload();
    const secrets = auditSecretsOf(one.refreshSecret, one);
    const { keyId, sign: signBytes } = secrets.signer();
    expect(keyId).not.toBe(plain.keyId);
    const unsigned = { v: 1 as const, tenant: 'T', number: 1, seq: 0, hash: GENESIS, previous: GENESIS };
    const rest = { at: '2026-03-01T00:00:00.000Z', intervalMs: 900_000, keyId };
    const checkpoint = await signCheckpointBy({ ...unsigned, ...rest }, signBytes);
    expect([isSigned(checkpoint, secrets.publicKeys), isSigned(checkpoint, plain.publicKeys)]).toEqual([
      true,
      false,
    ]);
    await rotate(arnOf('second'), true);
    await reload();
    expect(secrets.signer().keyId).not.toBe(keyId);
    expect(isSigned(checkpoint, secrets.publicKeys)).toBe(true);
    await rotate(undefined, true);
    await reload();
    expect(secrets.signer().keyId).toBe(plain.keyId);
    expect(isSigned(checkpoint, secrets.publicKeys)).toBe(true);
  });

  it('that are of the ring already, of another kind, or not there are refused before they are published', async () => {
    await rotate(arnOf('first'), true);
    time += 1000;
    await expect(rotate(arnOf('first'))).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    await expect(rotate(arnOf('none'))).rejects.toThrow();
    aws.handlers['kms:GetPublicKey'] = () => ({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    await expect(rotate(arnOf('second'))).rejects.toMatchObject({ code: 'ROC_CONFIG_INVALID' });
    aws.handlers['kms:GetPublicKey'] = () => ({
      ...{ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' },
      PublicKey: publicHalf(generateKeyPairSync('ed25519').privateKey),
    });
    await expect(rotate(arnOf('second'))).rejects.toMatchObject({ code: 'ROC_CONFIG_INVALID' });
    expect(await listSigningKeys(file, { now: time, env })).toHaveLength(1);
  });
});

describeWith('aws', 'signing keys in AWS KMS on moto', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, moto.env);
  });
  afterAll(async () => {
    for (const name of Object.keys(moto.env)) delete process.env[name];
    await moto.stop();
  });

  describe('a key of another kind', () => {
    it('is refused by what KMS says of it', async () => {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = new KMSClient({ endpoint: moto.url, region: 'us-east-1', credentials });
      const wish = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' } as const;
      const { KeyMetadata } = await client.send(new CreateKeyCommand(wish));
      client.destroy();
      const file = join(newDir(), 'signing.json');
      await openSigningKeys(file, Date.now, moto.env);
      const args = { now: Date.now(), isStolen: false, kms: KeyMetadata?.Arn, env: moto.env };
      await expect(rotateSigningKeys(file, args)).rejects.toMatchObject({
        ...{ code: 'ROC_CONFIG_INVALID', message: expect.stringContaining('ECC_NIST_P256') },
      });
    });
  });
});

function publicHalf(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  // SPKI of Ed25519 (RFC 8410): a fixed head, then the point.
  const head = Buffer.from('302a300506032b6570032100', 'hex');
  return Buffer.concat([head, Buffer.from(jwk.x ?? '', 'base64url')]).toString('base64');
}
