/** Temporary files without a name: unlinked as soon as they are open, so that even a killed run leaves none behind. */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RocError } from '../kernel/errors.js';

/** The files of one run on one thread; other threads of the process may read them by their numbers. */
export interface ScratchFiles {
  /**
   * @returns a file descriptor to write and to read by positions
   * @throws RocError ROC_DATA_DIR_UNUSABLE
   */
  create(): number;
  close(): void;
}

export function createScratchFiles(): ScratchFiles {
  const open: number[] = [];
  return {
    create() {
      const path = join(tmpdir(), `roc-${randomUUID()}`);
      try {
        const fd = openSync(path, 'wx+', 0o600);
        open.push(fd);
        unlinkSync(path);
        return fd;
      } catch (cause) {
        throw new RocError('ROC_DATA_DIR_UNUSABLE', `no temporary file can be made in ${tmpdir()}`, {
          hint: 'Check the folder, or name another one with TMPDIR.',
          cause,
        });
      }
    },
    close() {
      for (const fd of open.splice(0)) closeSync(fd);
    },
  };
}

/**
 * Appends all of it to a scratch file.
 * @throws RocError ROC_DATA_DIR_UNUSABLE when the disk is full
 */
export function writeScratch(fd: number, bytes: Uint8Array, length = bytes.length): void {
  try {
    for (let at = 0; at < length; ) at += writeSync(fd, bytes, at, length - at);
  } catch (cause) {
    throw new RocError('ROC_DATA_DIR_UNUSABLE', `temporary files in ${tmpdir()} cannot be written`, {
      hint: 'Free space there, or name another folder with TMPDIR.',
      cause,
    });
  }
}

/** Fills `into` from there on; what is read was written before. */
export function readFully(fd: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length; ) {
    const read = readSync(fd, into, at, into.length - at, position + at);
    if (read === 0) throw new TypeError('the file is too short');
    at += read;
  }
}
