/** Strict fake of a bucket of S3 with conditional writes, versions by ETag, and a Date on every answer. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { shapeProblems } from '../aws-model/check-shape.js';
import { readRestXml } from '../aws-model/rest-xml.js';
import { serviceModel } from '../aws-model/service-model.js';

export interface FakeBucket {
  readonly name: string;
  readonly objects: Map<string, { content: string; etag: string; modifiedAt: number }>;
  readonly problems: string[];
  readonly calls: string[];
  /** Every answer is this error; null while it is well. */
  down: { readonly status: number; readonly code: string } | null;
  handle(request: IncomingMessage, body: Buffer): BucketReply;
}

interface BucketReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export function fakeBucket(name: string, now: () => number): FakeBucket {
  const bucket: FakeBucket = {
    ...{ name, objects: new Map(), problems: [], calls: [], down: null },
    handle(request, body) {
      const model = serviceModel('s3');
      const call = readRestXml(model, request, body);
      const headers = { date: new Date(now()).toUTCString() };
      if (call === null) return failure(404, 'NoSuchOperation', headers);
      bucket.calls.push(`s3:${call.operation}`);
      const input = model.operations[call.operation]?.input;
      if (input !== undefined)
        bucket.problems.push(...shapeProblems(model, input, { ...call.input, Body: undefined }));
      if (bucket.down !== null) return failure(bucket.down.status, bucket.down.code, headers);
      if (call.input['Bucket'] !== name) return failure(404, 'NoSuchBucket', headers);
      if (call.operation === 'GetObject') return read(String(call.input['Key']), headers);
      if (call.operation === 'PutObject') return write(call.input, body, headers);
      bucket.problems.push(`s3:${call.operation}: no handler`);
      return failure(501, 'NotImplemented', headers);
    },
  };

  function read(key: string, headers: Record<string, string>): BucketReply {
    const found = bucket.objects.get(key);
    if (found === undefined) return failure(404, 'NoSuchKey', headers);
    const { content, etag, modifiedAt } = found;
    return {
      status: 200,
      headers: { ...headers, etag, 'last-modified': new Date(modifiedAt).toUTCString() },
      body: content,
    };
  }

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  function write(input: Record<string, unknown>, body: Buffer, headers: Record<string, string>): BucketReply {
    const key = String(input['Key']);
    const found = bucket.objects.get(key);
    if (input['IfNoneMatch'] === '*' && found !== undefined)
      return failure(412, 'PreconditionFailed', headers);
    if (input['IfMatch'] !== undefined && found === undefined) return failure(404, 'NoSuchKey', headers);
    if (input['IfMatch'] !== undefined && found?.etag !== input['IfMatch'])
      return failure(412, 'PreconditionFailed', headers);
    const content = body.toString('utf8');
    const etag = `"${createHash('md5').update(content).digest('hex')}"`;
    bucket.objects.set(key, { content, etag, modifiedAt: now() });
    return { status: 200, headers: { ...headers, etag }, body: '' };
  }

  return bucket;
}

function failure(status: number, code: string, headers: Record<string, string>): BucketReply {
  return { status, headers, body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>` };
}
