/** The object of a lease in S3, whose writes name the version they replace. */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { awsFaultName, sendAws } from '../../kernel/aws-call.js';
import { RocError } from '../../kernel/errors.js';
import type { LeaseObject } from '../lease/lease.js';
import type { AwsAccess } from './access.js';

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** Somebody else wrote first: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
const LOST = /^(PreconditionFailed|ConditionalRequestConflict|NoSuchKey)$/;

export function createLeaseObject(access: AwsAccess, { bucket, key }: ObjectPlace): LeaseObject {
  const client = access.client(S3Client);
  const about = { Bucket: bucket, Key: key };

  const put = async (content: string, condition: { IfMatch: string } | { IfNoneMatch: string }) => {
    const command = new PutObjectCommand({
      ...about,
      ...condition,
      Body: content,
      ContentType: 'application/json',
    });
    try {
      const reply = await sendAws('s3:PutObject', (abortSignal) => client.send(command, { abortSignal }));
      return reply.ETag === undefined ? null : { version: reply.ETag };
    } catch (error) {
      if (LOST.test(awsFaultName(error) ?? '')) return null;
      throw error;
    }
  };

  return {
    async read() {
      const command = new GetObjectCommand(about);
      const dates: string[] = [];
      command.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          const { headers } = result.response as { headers?: Record<string, string> };
          dates.push(headers?.['date'] ?? '');
          return result;
        },
        // Nearest to the wire: it sees the answer before anything makes an error of it.
        { step: 'deserialize', priority: 'low', name: 'serverDate' },
      );
      try {
        const reply = await sendAws('s3:GetObject', (abortSignal) => client.send(command, { abortSignal }));
        return {
          content: (await reply.Body?.transformToString('utf8')) ?? '',
          version: reply.ETag ?? null,
          modifiedAt: reply.LastModified?.getTime() ?? null,
          serverNow: serverTime(dates),
        };
      } catch (error) {
        if (awsFaultName(error) !== 'NoSuchKey') throw error;
        return { content: null, version: null, modifiedAt: null, serverNow: serverTime(dates) };
      }
    },
    create: (content) => put(content, { IfNoneMatch: '*' }),
    replace: (content, version) => put(content, { IfMatch: version }),
  };
}

function serverTime(dates: readonly string[]): number {
  const at = Date.parse(dates.at(-1) ?? '');
  if (Number.isFinite(at)) return at;
  throw new RocError('ROC_UNAVAILABLE', 's3:GetObject: the answer says no time', {
    hint: 'Something between here and S3 removes the Date header; without it no clock can be checked.',
  });
}
