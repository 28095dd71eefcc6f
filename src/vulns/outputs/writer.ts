/** Bytes to a file, whole or not at all, or to a stream that may be slower than we are. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import { makeFolderSync } from '../../kernel/make-folder.js';

export interface ByteWriter {
  write(text: string): void;
  bytes(bytes: Buffer): void;
  /** Waits until the receiver can take more; undefined when it can already. */
  ready(): Promise<void> | undefined;
  close(): Promise<void>;
  /** Leaves no file behind. */
  abandon(): void;
}

const BLOCK_BYTES = 512 * 1024;

/** @throws RocError ROC_INVALID_INPUT when the file cannot be written */
export function fileWriter(path: string): ByteWriter {
  // A name that nobody can lay a link under beforehand.
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const fd = openForWrite(path, temporary);
  let isOpen = true;
  let isDone = false;
  // Once, whatever comes of it: its number may belong to somebody else's file the next moment.
  const closeOnce = () => {
    if (!isOpen) return;
    isOpen = false;
    closeSync(fd);
  };
  const block = createBlock((bytes) => {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  });
  return {
    write: block.write,
    bytes: block.bytes,
    ready: () => undefined,
    async close() {
      block.flush();
      try {
        closeOnce();
        renameSync(temporary, path);
      } catch (cause) {
        throw unwritable(path, cause);
      }
      isDone = true;
    },
    abandon() {
      if (isDone) return;
      closeOnce();
      rmSync(temporary, { force: true });
    },
  };
}

function openForWrite(path: string, temporary: string): number {
  try {
    makeFolderSync(dirname(path));
    return openSync(temporary, 'wx', 0o644);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): RocError {
  return new RocError('ROC_INVALID_INPUT', `${path} cannot be written`, {
    hint: 'Check the folder, its permissions and its free space.',
    cause,
  });
}

export function streamWriter(stream: Writable): ByteWriter {
  const block = createBlock((bytes) => void stream.write(Buffer.from(bytes)));
  return {
    write: block.write,
    bytes: block.bytes,
    ready: () => (stream.writableNeedDrain ? drained(stream) : undefined),
    async close() {
      block.flush();
      if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
    },
    abandon() {},
  };
}

// A reader that went away (head, less) ends the wait too.
function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      stream.off('error', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    stream.on('error', done);
  });
}

function createBlock(put: (bytes: Buffer) => void): {
  write(text: string): void;
  bytes(bytes: Buffer): void;
  flush(): void;
} {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let used = 0;
  const flush = (): void => {
    if (used > 0) put(block.subarray(0, used));
    used = 0;
  };
  const bytes = (more: Buffer): void => {
    if (used + more.length > BLOCK_BYTES) flush();
    if (more.length > BLOCK_BYTES) put(more);
    else used += more.copy(block, used);
  };
  return {
    bytes,
    write(text) {
      if (text.length * 3 > BLOCK_BYTES - used) bytes(Buffer.from(text));
      else used += block.write(text, used);
    },
    flush,
  };
}
