/** Keeps records on disk until the end of their document has told what they belong to. */
import { createScratchFiles, readFully, writeScratch } from '../scratch-files.js';
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
  add(path: Path, bytes: Buffer, base: number, spans: readonly number[]): void;
  replay(file: string, sink: BatchSink, contextOf: (path: Path) => RecordContext): Promise<void>;
}

export function createHold(): Hold {
  const blocks: Block[] = [];
  const scratch = createScratchFiles();
  let file: number | null = null;
  let written = 0;

  return {
    add(path, bytes, base, spans) {
      file ??= scratch.create();
      writeScratch(file, bytes);
      blocks.push({ path, base, at: written, length: bytes.length, spans });
      written += bytes.length;
    },
    async replay(name, sink, contextOf) {
      try {
        for (const block of blocks) {
          const bytes = Buffer.allocUnsafeSlow(block.length);
          if (file !== null) readFully(file, bytes, block.at);
          await sink.batch({
            file: name,
            base: block.base,
            bytes,
            spans: block.spans,
            context: contextOf(block.path),
          });
        }
      } finally {
        scratch.close();
        file = null;
        blocks.length = 0;
        written = 0;
      }
    },
  };
}
