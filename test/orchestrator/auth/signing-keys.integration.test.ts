/** Signing keys in a secret of AWS, which nodes share: made by the first, rotated for all. */
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSigningKeys, rotateSigningKeys } from '../../../src/orchestrator/auth/signing-keys.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { describeWith } from '../../helpers/parts.js';

describeWith('aws', 'signing keys in Secrets Manager', () => {
  let moto: Moto;
  let where: string;
  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new SecretsManagerClient({ endpoint: moto.url, region: 'us-east-1', credentials });
    // As the stack makes it: a name without a value.
    const { ARN } = await client.send(new CreateSecretCommand({ Name: 'roc/signing-keys' }));
    client.destroy();
    where = `secretsmanager:${ARN}`;
    Object.assign(process.env, moto.env);
  });
  afterAll(async () => {
    for (const name of Object.keys(moto.env)) delete process.env[name];
    await moto.stop();
  });

  it('are one ring for nodes that start together on an empty secret', async () => {
    const nodes = await Promise.all([1, 2].map(() => openSigningKeys(where, Date.now, moto.env)));
    const later = await openSigningKeys(where, Date.now, moto.env);
    expect(new Set([...nodes, later].map(({ issuer }) => issuer)).size).toBe(1);
    expect(new Set([...nodes, later].map(({ active }) => active.kid)).size).toBe(1);
  });

  it('are rotated for all', async () => {
    const keys = await openSigningKeys(where, Date.now, moto.env);
    const states = await rotateSigningKeys(where, { now: Date.now(), isStolen: false, env: moto.env });
    expect(states.map(({ state }) => state)).toEqual(['signs', 'next']);
    await keys.reload();
    expect(keys.jwks.keys).toHaveLength(2);
  });
});
