/** An S3 object as a source for random access: small reads are served from one window that is fetched ahead. */
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { RocError } from '../../kernel/errors.js';
import { checkRange, type RandomAccess } from '../../protocol/package/source.js';
import { missingBlob } from './blobs.js';
import { callS3 } from './s3-call.js';

/** A package is read chunk by chunk, nearly in order: a request for each would cost a round trip for 64 KiB. */
const WINDOW_BYTES = 4 * 1024 * 1024;

interface ObjectName {
  readonly Bucket: string;
  readonly Key: string;
}

/** @throws RocError ROC_BLOB_CORRUPT where it is missing, ROC_UNAVAILABLE */
export async function openObject(client: S3Client, object: ObjectName, key: string): Promise<RandomAccess> {
  const head = await callS3('s3:HeadObject', key, (abortSignal) =>
    client.send(new HeadObjectCommand(object), { abortSignal }),
  );
  const size = head.ContentLength;
  if (size === undefined || head.ETag === undefined) throw missingBlob(key);
  // Every later read is of this very object: one that was put in its place is refused by S3.
  const fetchRange = (offset: number, length: number) =>
    readBytes(client, { ...object, IfMatch: head.ETag }, key, offset, length);
  let window: { start: number; bytes: Buffer } = { start: 0, bytes: Buffer.alloc(0) };
  return {
    size,
    async read(offset, length) {
      checkRange(offset, length, size);
      if (length === 0) return Buffer.alloc(0);
      const isInside = offset >= window.start && offset + length <= window.start + window.bytes.length;
      if (!isInside) {
        const ahead = Math.min(Math.max(length, WINDOW_BYTES), size - offset);
        window = { start: offset, bytes: await fetchRange(offset, ahead) };
        return window.bytes.subarray(0, length);
      }
      return window.bytes.subarray(offset - window.start, offset - window.start + length);
    },
    async close() {
      window = { start: 0, bytes: Buffer.alloc(0) };
    },
  };
}

async function readBytes(
  client: S3Client,
  object: ObjectName & { readonly IfMatch: string | undefined },
  key: string,
  offset: number,
  length: number,
): Promise<Buffer> {
  const Range = `bytes=${offset}-${offset + length - 1}`;
  const bytes = await callS3('s3:GetObject', key, async (abortSignal) => {
    const { Body } = await client.send(new GetObjectCommand({ ...object, Range }), { abortSignal });
    return Body?.transformToByteArray();
  }).catch((error: unknown) => {
    // S3 answers 412 to a read of an object that is no longer the one that was opened.
    throw error instanceof RocError && error.code === 'ROC_CONFLICT' ? changed(key, error) : error;
  });
  if (bytes?.length !== length) throw changed(key);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function changed(key: string, cause?: unknown): RocError {
  return new RocError('ROC_BLOB_CORRUPT', `blob ${key} changed while it was read`, {
    hint: 'Only roc may write to its bucket; restore the version that the database knows.',
    cause,
  });
}
