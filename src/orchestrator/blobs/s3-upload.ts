/** Puts a stream into S3 whole or not at all: one request where it is small, parts with checksums where it is not. */
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { StoredBlob } from './blobs.js';
import { callS3 } from './s3-call.js';

/** Parts are at least 5 MiB and at most 10,000 (S3 "Multipart upload limits"): this size carries 78 GiB. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_IN_FLIGHT = 2;

export interface ObjectToPut {
  readonly Bucket: string;
  readonly Key: string;
  readonly ServerSideEncryption?: 'aws:kms';
  readonly SSEKMSKeyId?: string;
  readonly BucketKeyEnabled?: boolean;
}

/**
 * Memory: three parts at most, whatever the size of the stream.
 * @throws RocError ROC_CONFLICT where the key is taken, ROC_UNAVAILABLE; or what the stream failed with
 */
export async function uploadObject(
  client: S3Client,
  object: ObjectToPut,
  key: string,
  body: AsyncIterable<Buffer>,
): Promise<StoredBlob> {
  const parts = inParts(body);
  const first = await parts.next();
  const bytes = first.done ? Buffer.alloc(0) : first.value;
  if (bytes.length < PART_BYTES) {
    await putWhole(client, object, key, bytes);
    return { size: bytes.length };
  }
  return putInParts(client, object, key, bytes, parts);
}

async function putWhole(client: S3Client, object: ObjectToPut, key: string, bytes: Buffer): Promise<void> {
  const command = new PutObjectCommand({
    ...object,
    Body: bytes,
    IfNoneMatch: '*',
    ChecksumAlgorithm: 'SHA256',
  });
  await callS3('s3:PutObject', key, (abortSignal) => client.send(command, { abortSignal }));
}

async function putInParts(
  client: S3Client,
  object: ObjectToPut,
  key: string,
  first: Buffer,
  rest: AsyncIterable<Buffer>,
): Promise<StoredBlob> {
  const { Bucket, Key } = object;
  const { UploadId } = await callS3('s3:CreateMultipartUpload', key, (abortSignal) =>
    client.send(new CreateMultipartUploadCommand({ ...object, ChecksumAlgorithm: 'SHA256' }), {
      abortSignal,
    }),
  );
  const upload = { Bucket, Key, UploadId };
  try {
    const { sent, size } = await sendParts(client, upload, key, first, rest);
    const command = new CompleteMultipartUploadCommand({
      ...upload,
      IfNoneMatch: '*',
      MultipartUpload: { Parts: sent },
    });
    await callS3('s3:CompleteMultipartUpload', key, (abortSignal) => client.send(command, { abortSignal }));
    return { size };
  } catch (error) {
    // Where even that fails, the bucket's lifecycle rule removes the parts: the first fault matters more.
    await callS3('s3:AbortMultipartUpload', key, (abortSignal) =>
      client.send(new AbortMultipartUploadCommand(upload), { abortSignal }),
    ).catch(() => {});
    throw error;
  }
}

async function sendParts(
  client: S3Client,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
  key: string,
  first: Buffer,
  rest: AsyncIterable<Buffer>,
): Promise<{ sent: CompletedPart[]; size: number }> {
  const [sent, inFlight, failed] = [[] as CompletedPart[], new Set<Promise<void>>(), [] as unknown[]];
  let size = 0;
  const send = async (Body: Buffer, PartNumber: number) => {
    const command = new UploadPartCommand({ ...upload, Body, PartNumber, ChecksumAlgorithm: 'SHA256' });
    const { ETag, ChecksumSHA256 } = await callS3('s3:UploadPart', key, (abortSignal) =>
      client.send(command, { abortSignal }),
    );
    sent.push({ PartNumber, ETag, ChecksumSHA256 });
  };
  let number = 0;
  const start = (part: Buffer) => {
    number++;
    size += part.length;
    const sending: Promise<void> = send(part, number)
      .catch((error: unknown) => void failed.push(error))
      .finally(() => inFlight.delete(sending));
    inFlight.add(sending);
  };
  try {
    start(first);
    for await (const part of rest) {
      if (inFlight.size >= PARTS_IN_FLIGHT) await Promise.race(inFlight);
      if (failed.length > 0) break;
      start(part);
    }
  } finally {
    // What is still on its way would belong to an upload that is about to be aborted.
    await Promise.all(inFlight);
  }
  if (failed.length > 0) throw failed[0];
  return { sent: sent.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0)), size };
}

/** Pieces gathered to parts of one size; only the last is shorter. */
async function* inParts(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let part = Buffer.allocUnsafe(PART_BYTES);
  let filled = 0;
  for await (const piece of body) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.copy(part, filled, at);
      at += taken;
      filled += taken;
      if (filled < PART_BYTES) continue;
      yield part;
      // The former one is still on its way.
      part = Buffer.allocUnsafe(PART_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
