/** Blobs in S3: conditional writes so that nothing is ever replaced, reads bound to the object that was opened. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type AwsTarget, clientOptions } from '../../kernel/aws.js';
import { SECOND } from '../../kernel/time.js';
import { type Blobs, checkBlobKey, type ListedBlob } from './blobs.js';
import { callS3, isAbsent } from './s3-call.js';
import { openObject } from './s3-object.js';
import { streamObject } from './s3-stream.js';
import { uploadObject } from './s3-upload.js';

export interface S3BlobsOptions {
  readonly bucket: string;
  /** Before each key: empty, or ending in a slash. */
  readonly prefix: string;
  readonly kmsKey: string | null;
  readonly target: AwsTarget;
  /** Milliseconds within which what is read must begin to come, and go on coming. */
  readonly limitMs?: number;
}

/**
 * What the server's role needs on the prefix: s3:GetObject, PutObject, DeleteObject, AbortMultipartUpload, and
 * s3:ListBucket (without it S3 answers 403, not 404, for what is missing). Parts of uploads that a crash cut off are
 * for the bucket's lifecycle rule (AbortIncompleteMultipartUpload).
 */
export function createS3Blobs({ bucket, prefix, kmsKey, target, limitMs }: S3BlobsOptions): Blobs {
  // An emulator has no host name for each bucket.
  const client = new S3Client({
    ...clientOptions(target),
    forcePathStyle: target.endpointUrl !== undefined,
  });
  const objectOf = (key: string) => {
    checkBlobKey(key);
    return { Bucket: bucket, Key: `${prefix}${key}` };
  };
  const encryption =
    kmsKey === null
      ? {}
      : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKey, BucketKeyEnabled: true };
  return {
    put: async (key, body) => uploadObject(client, { ...objectOf(key), ...encryption }, key, body),
    open: async (key) => openObject(client, objectOf(key), key),
    get: async (key) => streamObject(client, objectOf(key), key, limitMs),
    async size(key) {
      const object = objectOf(key);
      try {
        const head = await callS3('s3:HeadObject', key, (abortSignal) =>
          client.send(new HeadObjectCommand(object), { abortSignal }),
        );
        return head.ContentLength ?? null;
      } catch (error) {
        if (isAbsent(error)) return null;
        throw error;
      }
    },
    async delete(key) {
      const object = objectOf(key);
      await callS3('s3:DeleteObject', key, (abortSignal) =>
        client.send(new DeleteObjectCommand(object), { abortSignal }),
      );
    },
    list: (begin) => listObjects(client, bucket, prefix, begin),
    async downloadUrl(key, milliseconds) {
      const expiresIn = Math.floor(milliseconds / SECOND);
      return getSignedUrl(client, new GetObjectCommand(objectOf(key)), { expiresIn });
    },
  };
}

async function* listObjects(
  client: S3Client,
  bucket: string,
  prefix: string,
  begin: string,
): AsyncGenerator<ListedBlob, void, undefined> {
  let token: string | undefined;
  do {
    const ContinuationToken = token;
    const page = await callS3('s3:ListObjectsV2', begin, (abortSignal) =>
      client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}${begin}`, ContinuationToken }),
        { abortSignal },
      ),
    );
    for (const { Key, LastModified } of page.Contents ?? [])
      if (Key !== undefined)
        yield { key: Key.slice(prefix.length), modifiedAt: LastModified?.getTime() ?? Date.now() };
    token = page.NextContinuationToken;
  } while (token !== undefined);
}
