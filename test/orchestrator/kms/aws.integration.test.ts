import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kmsPlace, openKms } from '../../../src/orchestrator/kms/kms-place.js';
import { kmsContract } from '../../contracts/kms.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { describeWith } from '../../helpers/parts.js';

describeWith('aws', 'AWS KMS', () => {
  let moto: Moto;
  let arns: string[];
  beforeAll(async () => {
    moto = await startMoto();
    const client = new KMSClient({
      ...{ endpoint: moto.url, region: 'us-east-1' },
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
    const make = async () => (await client.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    arns = [await make(), await make()];
    Object.assign(process.env, moto.env);
  });
  afterAll(async () => {
    for (const name of Object.keys(moto.env)) delete process.env[name];
    await moto.stop();
  });
  const open = (at: number) => openKms(kmsPlace(`aws-kms:${arns[at]}`), moto.env);

  kmsContract('AWS KMS on moto', async () => ({
    kms: await open(0),
    again: () => open(0),
    other: () => open(1),
  }));

  describe('a key', () => {
    it('is named by the ARN that KMS answers with, whatever it was asked by', async () => {
      const id = arns[0]?.split('/')[1];
      expect((await openKms(kmsPlace(`aws-kms:${id}`), moto.env)).keyId).toBe(`aws-kms:${arns[0]}`);
    });

    it('that is not there says so before anything is stored', async () => {
      const gone = arns[0]?.replace(/[0-9a-f]{12}$/, '000000000000') ?? '';
      await expect(openKms(kmsPlace(`aws-kms:${gone}`), moto.env)).rejects.toThrow();
    });
  });
});
