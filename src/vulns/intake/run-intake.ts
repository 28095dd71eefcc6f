/** Reads every input through slicer, reader and collector, on this thread or on several. */
import type { Readable } from 'node:stream';
import { createCollector, type Intake } from '../collect/collector.js';
import type { Problem } from '../model.js';
import type { ScratchFiles } from '../scratch-files.js';
import type { Batch, BatchSink } from './batch.js';
import { type ChunkPool, createChunkPool } from './chunk-pool.js';
import { createBatchReader } from './read-batch.js';
import { createSlicer } from './slice.js';
import { type InputFile, readChunks } from './source.js';

/** Where batches are read: here, or in worker threads. */
export interface BatchReaders {
  /** Takes the batch's bytes for good; their memory goes back to `chunks`. */
  batch(batch: Batch): Promise<void>;
  readonly chunks: ChunkPool;
  finish(): Promise<Intake[]>;
}

export interface IntakeRun {
  readonly bytes: number;
  /** Found while slicing, before any reader saw the bytes. */
  readonly problems: readonly Problem[];
}

export function inlineReaders(options: {
  scratch: ScratchFiles;
  memoryBytes: number;
  checkKeys: boolean;
}): BatchReaders {
  const collector = createCollector(options);
  const reader = createBatchReader(collector, options);
  const chunks = createChunkPool();
  return {
    chunks,
    async batch(batch) {
      reader.read(batch);
      chunks.give(batch.bytes);
    },
    finish: async () => [collector.finish()],
  };
}

export async function runIntake(
  files: readonly InputFile[],
  readers: BatchReaders,
  stdin: Readable,
  onBytes: (total: number) => void,
): Promise<IntakeRun> {
  const problems: Problem[] = [];
  let bytes = 0;
  const sink: BatchSink = {
    batch: (batch) => readers.batch(batch),
    problem: (problem) => void problems.push(problem),
  };
  for (const file of files) {
    const slicer = createSlicer(file.name, sink);
    let read = 0;
    try {
      for await (const chunk of readChunks(file, stdin, readers.chunks)) {
        read += chunk.length;
        await slicer.push(chunk);
        onBytes(bytes + read);
      }
    } catch (error) {
      // A damaged archive: what was unpacked before the damage still counts.
      problems.push({
        kind: 'unreadable',
        file: file.name,
        offset: read,
        message: reason(error),
        skipped: true,
      });
    }
    await slicer.end();
    // What a scanner that failed leaves behind is no clean scan.
    if (read === 0 && !problems.some((problem) => problem.file === file.name))
      problems.push(emptyInput(file.name));
    bytes += read;
  }
  return { bytes, problems };
}

function emptyInput(file: string): Problem {
  return { kind: 'truncated', file, offset: 0, message: 'the input is empty', skipped: true };
}

function reason(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string'
    ? `the input cannot be read further (${code})`
    : 'the input cannot be read further';
}
