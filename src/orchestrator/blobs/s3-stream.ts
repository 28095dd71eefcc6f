/** An S3 object as a stream: however long its reader takes, but not longer silent than a call may be. */
import { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { missingBlob } from './blobs.js';
import { CALL_LIMIT_MS, callS3, unavailable } from './s3-call.js';

const CALL = 's3:GetObject';

/** @throws RocError as {@link callS3}; the stream ends with ROC_UNAVAILABLE where it breaks off, or no byte comes for `limitMs` */
export async function streamObject(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  key: string,
  limitMs = CALL_LIMIT_MS,
): Promise<Readable> {
  const send = (abortSignal: AbortSignal) => client.send(new GetObjectCommand(object), { abortSignal });
  const { Body } = await callS3(CALL, key, send, limitMs);
  if (Body === undefined) throw missingBlob(key);
  return Readable.from(pieces(Body as Readable, limitMs), { objectMode: false });
}

/** The time that the reader lets pass between two pieces does not count. */
async function* pieces(body: Readable, limitMs: number): AsyncGenerator<Buffer, void, undefined> {
  const source = body[Symbol.asyncIterator]();
  const silent = Object.assign(new TypeError(`no byte came for ${limitMs} ms`), { name: 'TimeoutError' });
  try {
    for (;;) {
      const timer = setTimeout(() => body.destroy(silent), limitMs);
      const next = await source.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value as Buffer;
    }
  } catch (error) {
    throw unavailable(CALL, error);
  } finally {
    body.destroy();
  }
}
