/** Keeps records on disk until the end of their document has told what they belong to. */
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchSink, RecordContext } from './batch.js';

type Path = readonly (string | number)[];

interface Block {
  readonly path: Path;
  readonly base: number;
  readonly at: number;
  readonly length: number;
  readonly spans: readonly number[];
}

export interface Hold {
  add(path: Path, bytes: Buffer, base: number, spans: readonly number[]): Promise<void>;
  replay(file: string, sink: BatchSink, contextOf: (path: Path) => RecordContext): Promise<void>;
}

export function createHold(): Hold {
  const blocks: Block[] = [];
  let handle: FileHandle | null = null;
  let written = 0;

  return {
    async add(path, bytes, base, spans) {
      handle ??= await openUnlinked();
      await handle.write(bytes, 0, bytes.length, written);
      blocks.push({ path, base, at: written, length: bytes.length, spans });
      written += bytes.length;
    },
    async replay(file, sink, contextOf) {
      if (handle === null) return;
      try {
        for (const block of blocks) {
          const bytes = Buffer.allocUnsafeSlow(block.length);
          await handle.read(bytes, 0, block.length, block.at);
          await sink.batch({
            file,
            base: block.base,
            bytes,
            spans: block.spans,
            context: contextOf(block.path),
          });
        }
      } finally {
        await handle.close();
        handle = null;
        blocks.length = 0;
      }
    },
  };
}

// Unlinked at once, so that a crash leaves nothing behind.
async function openUnlinked(): Promise<FileHandle> {
  const path = join(tmpdir(), `roc-hold-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  await unlink(path);
  return handle;
}
