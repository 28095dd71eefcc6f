/** The bucket that holds locks, journals and evidence. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { pageTokens } from '../../kernel/page-tokens.js';
import type { Objects } from '../cloud.js';
import { callAws, orNull } from './call.js';
import type { AwsAccess } from './clients.js';

/** @param prefix put before every key */
export function s3Objects(access: AwsAccess, bucket: string, prefix: string): Objects {
  const s3 = new S3Client({ ...access.options(), forcePathStyle: access.target.endpointUrl !== undefined });
  const Bucket = bucket;
  const keyOf = (key: string) => (prefix === '' ? key : `${prefix}/${key}`);
  return {
    async read(key) {
      const command = new GetObjectCommand({ Bucket, Key: keyOf(key) });
      const reply = await orNull(
        callAws(access, 's3:GetObject', (abortSignal) => s3.send(command, { abortSignal })),
        /^NoSuchKey$/,
      );
      if (reply?.Body === undefined) return null;
      return { text: await reply.Body.transformToString(), etag: reply.ETag ?? '' };
    },
    async write(key, text, condition) {
      const command = new PutObjectCommand({
        Bucket,
        Key: keyOf(key),
        Body: text,
        ContentType: 'application/json',
        ChecksumAlgorithm: 'SHA256',
        ...(condition === 'absent' ? { IfNoneMatch: '*' } : {}),
        ...(condition !== undefined && condition !== 'absent' ? { IfMatch: condition.etag } : {}),
      });
      const reply = await orNull(
        callAws(access, 's3:PutObject', (abortSignal) => s3.send(command, { abortSignal })),
        /^(PreconditionFailed|ConditionalRequestConflict)$/,
      );
      return reply === null ? null : (reply.ETag ?? '');
    },
    async remove(key) {
      const command = new DeleteObjectCommand({ Bucket, Key: keyOf(key) });
      await callAws(access, 's3:DeleteObject', (abortSignal) => s3.send(command, { abortSignal }));
    },
    async list(folder) {
      const keys: string[] = [];
      const next = pageTokens('s3:ListObjectsV2');
      let ContinuationToken: string | undefined;
      do {
        const command = new ListObjectsV2Command({ Bucket, Prefix: keyOf(folder), ContinuationToken });
        const reply = await callAws(access, 's3:ListObjectsV2', (abortSignal) =>
          s3.send(command, { abortSignal }),
        );
        keys.push(...(reply.Contents ?? []).flatMap(({ Key }) => Key?.slice(keyOf('').length) ?? []));
        ContinuationToken = next(reply.NextContinuationToken);
      } while (ContinuationToken);
      return keys;
    },
  };
}
