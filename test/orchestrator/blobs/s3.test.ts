import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListObjectsV2Command,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createS3Blobs } from '../../../src/orchestrator/blobs/s3.js';

const s3 = mockClient(S3Client);
const blobs = createS3Blobs({
  ...{ bucket: 'b', prefix: 'p/', kmsKey: null },
  target: { region: 'eu-west-1' },
});

beforeEach(() => s3.reset());

describe('createS3Blobs', () => {
  it('lists page after page, without the prefix', async () => {
    const at = new Date(5);
    s3.on(ListObjectsV2Command, { ContinuationToken: undefined }).resolves({
      Contents: [{ Key: 'p/x1', LastModified: at }],
      NextContinuationToken: 'more',
    });
    s3.on(ListObjectsV2Command, { ContinuationToken: 'more' }).resolves({
      Contents: [{ Key: 'p/x2', LastModified: at }],
    });
    const found = [];
    for await (const blob of blobs.list('x')) found.push(blob);
    expect(found).toEqual([
      { key: 'x1', modifiedAt: 5 },
      { key: 'x2', modifiedAt: 5 },
    ]);
    expect(s3.commandCalls(ListObjectsV2Command)[0]?.args[0].input.Prefix).toBe('p/x');
  });

  it('completes parts in their order, whichever arrives first, and only if the key is free', async () => {
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
    s3.on(UploadPartCommand).callsFake(async ({ PartNumber }: { PartNumber: number }) => {
      await new Promise((resolve) => setTimeout(resolve, PartNumber === 1 ? 30 : 1));
      return { ETag: `e${PartNumber}`, ChecksumSHA256: `c${PartNumber}` };
    });
    s3.on(CompleteMultipartUploadCommand).resolves({});
    await blobs.put('a', bytes(20));
    const [call] = s3.commandCalls(CompleteMultipartUploadCommand);
    expect(call?.args[0].input).toMatchObject({
      ...{ Bucket: 'b', Key: 'p/a', IfNoneMatch: '*', UploadId: 'u' },
      MultipartUpload: {
        Parts: [1, 2, 3].map((PartNumber) => ({
          ...{ PartNumber, ETag: `e${PartNumber}`, ChecksumSHA256: `c${PartNumber}` },
        })),
      },
    });
  });

  it('aborts when one part fails, and tells why', async () => {
    s3.on(CreateMultipartUploadCommand).resolves({ UploadId: 'u' });
    s3.on(UploadPartCommand).resolves({ ETag: 'e' });
    s3.on(UploadPartCommand, { PartNumber: 2 }).rejects(
      Object.assign(new TypeError('no'), { name: 'AccessDenied' }),
    );
    s3.on(AbortMultipartUploadCommand).resolves({});
    await expect(blobs.put('a', bytes(40))).rejects.toMatchObject({ code: 'ROC_UNAVAILABLE' });
    expect(s3.commandCalls(AbortMultipartUploadCommand)).toHaveLength(1);
    expect(s3.commandCalls(CompleteMultipartUploadCommand)).toHaveLength(0);
  });
});

async function* bytes(mebibytes: number): AsyncGenerator<Buffer> {
  for (let n = 0; n < mebibytes; n++) yield Buffer.alloc(1024 * 1024, n);
}
