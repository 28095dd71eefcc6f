/** Copies every blob of one store to another and proves it by reading both back. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import type { Blobs } from '../blobs/blobs.js';

export interface MovedBlobs {
  readonly blobs: number;
  readonly bytes: number;
}

/** @throws RocError ROC_CHECK_FAILED where a blob in the target is another than that of the source */
export async function moveBlobs(
  from: Blobs,
  to: Blobs,
  onBlob: (key: string) => void = () => {},
): Promise<MovedBlobs> {
  let [blobs, bytes] = [0, 0];
  for await (const { key } of from.list('')) {
    onBlob(key);
    if ((await to.size(key)) === null) await to.put(key, await from.get(key));
    const [source, target] = [await digest(await from.get(key)), await digest(await to.get(key))];
    if (source.sha256 !== target.sha256) {
      throw new RocError('ROC_CHECK_FAILED', `blob ${key} differs after the move`, {
        hint: 'Remove it from the target, find out who wrote it, and move again.',
      });
    }
    blobs++;
    bytes += source.size;
  }
  return { blobs, bytes };
}

async function digest(stream: Readable): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of stream) {
    hash.update(piece as Buffer);
    size += (piece as Buffer).length;
  }
  return { sha256: hash.digest('hex'), size };
}
