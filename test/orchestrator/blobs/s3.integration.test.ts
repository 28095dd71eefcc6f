import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Blobs } from '../../../src/orchestrator/blobs/blobs.js';
import { createS3Blobs } from '../../../src/orchestrator/blobs/s3.js';
import { blobsContract } from '../../contracts/blobs.js';
import { type Moto, startMoto } from '../../helpers/moto.js';
import { describeWith } from '../../helpers/parts.js';

const REGION = 'us-east-1';
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const MIB = 1024 * 1024;

describeWith('aws', 's3 blobs', () => {
  let moto: Moto;
  let client: S3Client;
  let buckets = 0;

  beforeAll(async () => {
    moto = await startMoto(REGION);
    process.env['AWS_ACCESS_KEY_ID'] = 'testing';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
    client = new S3Client({ region: REGION, endpoint: moto.url, forcePathStyle: true });
  });
  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  });

  const open = (bucket: string, endpointUrl = moto.url, kmsKey: string | null = null) =>
    createS3Blobs({ bucket, prefix: 'robots/', kmsKey, target: { region: REGION, endpointUrl } });

  async function fresh(): Promise<{ bucket: string; blobs: Blobs; count: () => Promise<number> }> {
    const bucket = `roc-blobs-${buckets++}`;
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const count = async () => {
      const { KeyCount = 0 } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return KeyCount + Uploads.length;
    };
    return { bucket, blobs: open(bucket), count };
  }

  async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }

  blobsContract('S3 (moto)', fresh);

  it.each([8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 27 * MIB + 5])(
    'stores %i bytes in parts, with SHA-256',
    async (size) => {
      const { bucket, blobs } = await fresh();
      const bytes = randomBytes(size);
      expect(await blobs.put('big', pieces(bytes, 100_003))).toEqual({ size });
      expect((await buffer(await blobs.get('big'))).equals(bytes)).toBe(true);
      const head = await client.send(
        new HeadObjectCommand({ Bucket: bucket, Key: 'robots/big', ChecksumMode: 'ENABLED' }),
      );
      expect(head.ContentLength).toBe(size);
      expect(head.ChecksumSHA256).toBeDefined();
      const source = await blobs.open('big');
      for (const [offset, length] of [
        [0, 65_536],
        [65_536, 65_536],
        [size - 10, 10],
        [4 * MIB - 7, 20],
        [3, 5 * MIB],
      ] as const)
        expect((await source.read(offset, length)).equals(bytes.subarray(offset, offset + length))).toBe(
          true,
        );
      await source.close();
    },
  );

  it('aborts an upload in parts when the stream fails', async () => {
    const { blobs, count } = await fresh();
    const failing = async function* () {
      for (let part = 0; part < 5; part++) yield randomBytes(4 * MIB);
      throw new RangeError('broken off');
    };
    await expect(blobs.put('a', failing())).rejects.toThrow('broken off');
    expect(await count()).toBe(0);
  });

  it('asks for encryption with the key it is given', async () => {
    const { bucket } = await fresh();
    const blobs = open(bucket, moto.url, KEY);
    await blobs.put('small', pieces(randomBytes(10), 5));
    await blobs.put('large', pieces(randomBytes(9 * MIB), MIB));
    for (const Key of ['robots/small', 'robots/large']) {
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
      expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KEY });
    }
  });

  it('refuses to go on reading an object that was replaced', async () => {
    const { bucket, blobs } = await fresh();
    await blobs.put('a', pieces(randomBytes(6 * MIB), MIB));
    const source = await blobs.open('a');
    await source.read(0, 10);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'robots/a', Body: randomBytes(6 * MIB) }));
    await expect(source.read(5 * MIB, 10)).rejects.toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'robots/a' }));
    await expect(source.read(5 * MIB, 10)).rejects.toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
  });

  it('gives an address that needs no credentials, for this object only', async () => {
    const { blobs } = await fresh();
    const bytes = randomBytes(1000);
    await blobs.put('a', pieces(bytes, 100));
    const url = await blobs.downloadUrl('a', 60_000);
    expect(url).toContain('X-Amz-Expires=60');
    const answer = await fetch(url ?? '');
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect(answer.headers.get('content-length')).toBe('1000');
  });

  it('says of a bucket that is not there that the store cannot be used', async () => {
    const blobs = open('no-such-bucket');
    for (const attempt of [
      () => blobs.put('a', pieces(randomBytes(10), 5)),
      () => blobs.get('a'),
      () => blobs.list('')[Symbol.asyncIterator]().next(),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'ROC_UNAVAILABLE', httpStatus: 503 });
  });

  it('rides out single faults of S3, and calls a store that stays down unavailable', async () => {
    const { bucket, count } = await fresh();
    const proxy = await faultyProxy(moto.url);
    try {
      const blobs = open(bucket, proxy.url);
      proxy.failEvery(3);
      const bytes = randomBytes(20 * MIB);
      await blobs.put('a', pieces(bytes, MIB));
      expect((await buffer(await blobs.get('a'))).equals(bytes)).toBe(true);
      proxy.failEvery(1);
      await expect(blobs.size('a')).rejects.toMatchObject({ code: 'ROC_UNAVAILABLE' });
      proxy.failEvery(0);
      expect(await blobs.size('a')).toBe(bytes.length);
      expect(await count()).toBe(1);
    } finally {
      await proxy.close();
    }
  }, 120_000);
});

/** Passes requests on to moto; every nth is answered 503 SlowDown instead. */
async function faultyProxy(target: string) {
  let [every, seen] = [0, 0];
  const server: Server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (every > 0 && ++seen % every === 0) {
      response.writeHead(503, { 'content-type': 'application/xml' });
      response.end('<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>');
      return;
    }
    const { host: _, connection: __, 'transfer-encoding': ___, expect: ____, ...headers } = request.headers;
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body.length > 0 ? { body: new Uint8Array(body) } : {}),
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    failEvery: (n: number) => {
      [every, seen] = [n, 0];
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
