/**
 * ROC1, the frozen layout of an encrypted package (docs/package-format.md).
 *
 * ```
 * header  12 bytes   "ROC1" | 1 byte: log2 of the chunk size | 7 bytes: random prefix
 * chunk   n + 16     AES-256-GCM ciphertext of n plaintext bytes | 16 byte tag
 *   nonce 12 bytes   the prefix | u32 chunk number, big endian, from 0 | 1 for the last chunk, else 0
 *   AAD              the header | u16 length + UTF-8 of tenant, of robot, of version | u32 number | last flag
 * ```
 * Every chunk but the last holds exactly one chunk size of plaintext; the last holds 1 to that many bytes, and 0
 * only where the whole plaintext is empty. The data key is used for one package only. The scheme is STREAM
 * (Hoang, Reyhanitabar, Rogaway, Vizár 2015): a chunk that is changed, moved, left out, taken from another package,
 * or a stream cut anywhere, fails to open.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { RocError } from '../../kernel/errors.js';
import type { PackageContext } from './context.js';

export const HEADER_BYTES = 12;
export const TAG_BYTES = 16;
const KEY_BYTES = 32;
const MAGIC = Buffer.from('ROC1');
const PREFIX_BYTES = 7;
const MIN_LOG2 = 12;
const MAX_LOG2 = 22;
/** 64 KiB: larger ones were measured to be no faster, and random access gets dearer with them. */
const DEFAULT_CHUNK_LOG2 = 16;
const ALGORITHM = 'aes-256-gcm';

export interface ChunkCipher {
  readonly header: Buffer;
  /** Plaintext bytes of every chunk but the last. */
  readonly chunkBytes: number;
  /** Ciphertext in pieces, then the tag. Pieces in, pieces out: joining them first costs a fifth of the speed. */
  seal(plaintext: readonly Buffer[], index: number, isLast: boolean): Buffer[];
  /** @throws RocError ROC_BLOB_CORRUPT */
  open(sealed: Buffer, index: number, isLast: boolean): Buffer;
}

export function makeHeader(prefix: Buffer, log2 = DEFAULT_CHUNK_LOG2): Buffer {
  if (prefix.length !== PREFIX_BYTES) throw new TypeError(`the prefix is ${PREFIX_BYTES} bytes`);
  return Buffer.concat([MAGIC, Buffer.from([log2]), prefix]);
}

/**
 * The cipher of one package.
 * @throws RocError ROC_BLOB_CORRUPT where the header is not one of ROC1
 */
export function chunkCipher(key: Buffer, context: PackageContext, header: Buffer): ChunkCipher {
  if (key.length !== KEY_BYTES) throw new TypeError(`a data key is ${KEY_BYTES} bytes, got ${key.length}`);
  const log2 = header[4] ?? 0;
  const isRoc1 = header.length === HEADER_BYTES && header.subarray(0, 4).equals(MAGIC);
  if (!isRoc1 || log2 < MIN_LOG2 || log2 > MAX_LOG2)
    throw corrupt('its header is not one of an encrypted package');
  const chunkBytes = 2 ** log2;
  const aad = Buffer.concat([header, ...contextParts(context), Buffer.alloc(5)]);
  const nonce = Buffer.concat([header.subarray(5), Buffer.alloc(5)]);
  const options = { authTagLength: TAG_BYTES };
  const number = (index: number, isLast: boolean) => {
    for (const block of [aad, nonce]) {
      block.writeUInt32BE(index, block.length - 5);
      block[block.length - 1] = isLast ? 1 : 0;
    }
  };
  return {
    header,
    chunkBytes,
    seal(plaintext, index, isLast) {
      number(index, isLast);
      const cipher = createCipheriv(ALGORITHM, key, nonce, options).setAAD(aad);
      const sealed = plaintext.map((piece) => cipher.update(piece));
      cipher.final();
      return [...sealed, cipher.getAuthTag()];
    },
    open(sealed, index, isLast) {
      if (sealed.length < TAG_BYTES) throw corrupt(`chunk ${index} was cut short`);
      number(index, isLast);
      const decipher = createDecipheriv(ALGORITHM, key, nonce, options).setAAD(aad);
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES));
      try {
        decipher.final();
      } catch (cause) {
        throw corrupt(`chunk ${index} does not open: changed, cut short, or of another package`, cause);
      }
      return plaintext;
    },
  };
}

/** Where the chunks of a stream of `sealedBytes` lie. @throws RocError ROC_BLOB_CORRUPT */
export function chunkLayout(sealedBytes: number, chunkBytes: number): { chunks: number; plainBytes: number } {
  const body = sealedBytes - HEADER_BYTES;
  const full = chunkBytes + TAG_BYTES;
  const chunks = Math.ceil(body / full);
  const lastBytes = body - (chunks - 1) * full - TAG_BYTES;
  if (body < TAG_BYTES || lastBytes < 0 || (lastBytes === 0 && chunks > 1)) throw corrupt('it was cut short');
  return { chunks, plainBytes: body - chunks * TAG_BYTES };
}

export function corrupt(why: string, cause?: unknown): RocError {
  return new RocError('ROC_BLOB_CORRUPT', `the encrypted package is damaged: ${why}`, {
    hint: 'Restore it from a backup, or publish the robot again under a new version.',
    cause,
  });
}

function contextParts({ tenant, robot, version }: PackageContext): Buffer[] {
  return [tenant, robot, version].flatMap((part) => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return [length, bytes];
  });
}
