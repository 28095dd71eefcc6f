import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awsAccess } from '../../../src/scale/aws/access.js';
import { createLeaseObject } from '../../../src/scale/aws/lease-object.js';
import { createLease } from '../../../src/scale/lease/lease.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { describeWith } from '../../helpers/parts.js';

describeWith('aws', 'the lease in S3 (moto, for the wire alone)', () => {
  let moto: Moto;
  const access = () => awsAccess({ region: 'us-east-1', endpointUrl: moto.url });
  const object = (key: string) => createLeaseObject(access(), { bucket: 'roc-robots', key });

  beforeAll(async () => {
    moto = await startMoto();
    process.env['AWS_ACCESS_KEY_ID'] = 'testing';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
    await access()
      .client(S3Client)
      .send(new CreateBucketCommand({ Bucket: 'roc-robots' }));
  });
  afterAll(() => moto.stop());

  test('is made once, replaced by its version alone, and tells the time of the server', async () => {
    const lease = object('roc-scale/one.json');
    const before = Date.now();
    expect(await lease.read()).toMatchObject({ content: null, version: null, modifiedAt: null });
    const made = await lease.create('first');
    expect(made?.version).toBeTruthy();
    expect(await lease.create('again')).toBeNull();
    const found = await lease.read();
    expect(found).toMatchObject({ content: 'first', version: made?.version });
    expect(Math.abs(found.serverNow - before)).toBeLessThan(60_000);
    expect(Math.abs((found.modifiedAt ?? 0) - before)).toBeLessThan(60_000);
    const next = await lease.replace('second', made?.version ?? '');
    expect(await lease.replace('third', made?.version ?? '')).toBeNull();
    expect(await lease.read()).toMatchObject({ content: 'second', version: next?.version });
  });

  test('is held by one of two', async () => {
    const of = (id: string) =>
      createLease({
        ...{ object: object('roc-scale/two.json'), id, ttlMs: 60_000 },
        ...{ now: Date.now, elapsed: () => performance.now() },
      });
    const [one, two] = [of('one'), of('two')];
    const standings = await Promise.all([one.refresh(), two.refresh()]);
    expect(standings.map(({ role }) => role).sort()).toEqual(['holder', 'standby']);
    const [holder, other] = standings[0]?.role === 'holder' ? [one, two] : [two, one];
    await holder.write({ restUntil: 7 });
    await holder.release();
    expect(await other.refresh()).toMatchObject({ role: 'holder', record: { fence: 2, restUntil: 7 } });
    await expect(holder.write({ restUntil: 8 })).rejects.toMatchObject({ code: 'ROC_STALE_LEASE' });
  });

  test('of a bucket that is not there is an error, never a free lease', async () => {
    const lost = createLeaseObject(access(), { bucket: 'nobody-has-this', key: 'x' });
    await expect(lost.read()).rejects.toMatchObject({ code: 'ROC_NOT_FOUND' });
  });
});
