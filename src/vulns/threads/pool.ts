/** Worker threads that take work one message at a time, a few messages ahead of what they have done. */
import { Worker } from 'node:worker_threads';
import { RocError } from '../../kernel/errors.js';
import type { Intake } from '../collect/collector.js';
import type { FinishedPart } from '../collect/finish-partition.js';
import { type FinishRequest, partsByPartition } from '../collect/run-finish.js';
import { PARTITIONS, type SpoolPart } from '../collect/spool.js';
import { createChunkPool } from '../intake/chunk-pool.js';
import type { BatchReaders } from '../intake/run-intake.js';
import { asBuffer, transferable } from './as-buffer.js';
import type { FromWorker, StorePlace, ToWorker } from './messages.js';

export interface ThreadPool {
  readers(options: { memoryBytes: number; checkKeys: boolean }): Promise<BatchReaders>;
  finish(request: FinishRequest, store: StorePlace | null): Promise<FinishedPart[]>;
  close(): Promise<void>;
}

/** Messages that a thread may have waiting: enough that it never idles, few enough that memory stays small. */
const AHEAD = 3;

/** @param file the built worker script */
export function startThreads(file: string | URL, count: number): ThreadPool {
  const seats = Array.from({ length: count }, () => createSeat(file));

  /** The seat with the least to do, once it has room. */
  async function freeSeat(): Promise<Seat> {
    for (;;) {
      const seat = seats.reduce((a, b) => (b.waiting() < a.waiting() ? b : a));
      if (seat.waiting() < AHEAD) return seat;
      await Promise.race(seats.map((each) => each.nextAnswer()));
    }
  }

  return {
    async readers(options) {
      await Promise.all(seats.map((seat) => seat.ask({ kind: 'open', ...options })));
      const chunks = createChunkPool();
      return {
        chunks,
        async batch(batch) {
          const seat = await freeSeat();
          void seat.ask({ kind: 'batch', batch }, transferable(batch.bytes)).then(
            (answer) => chunks.give(asBuffer((answer as { bytes: Uint8Array }).bytes)),
            () => {},
          );
        },
        async finish() {
          const answers = await Promise.all(seats.map((seat) => seat.ask({ kind: 'end-intake' })));
          return answers.map((answer) => withBuffers((answer as { intake: Intake }).intake));
        },
      };
    },
    async finish({ parts, ...request }, store) {
      await Promise.all(seats.map((seat) => seat.ask({ kind: 'judge', request, store })));
      const byPartition = partsByPartition(parts);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const seat = await freeSeat();
        void seat.ask({ kind: 'finish', partition, parts: byPartition.get(partition) ?? [] }).catch(() => {});
      }
      const answers = await Promise.all(seats.map((seat) => seat.ask({ kind: 'end-finish' })));
      return answers.map((answer) => withRunBuffers((answer as { part: FinishedPart }).part));
    },
    async close() {
      await Promise.all(seats.map((seat) => seat.close()));
    },
  };
}

function withBuffers(intake: Intake): Intake {
  const own = (part: SpoolPart): SpoolPart => ({ ...part, bytes: asBuffer(part.bytes) });
  return { ...intake, parts: intake.parts.map(own) };
}

function withRunBuffers(part: FinishedPart): FinishedPart {
  const runs = part.runs.map((run) => ({ ...run, bytes: run.bytes === null ? null : asBuffer(run.bytes) }));
  return { ...part, runs };
}

interface Seat {
  waiting(): number;
  /** Resolves at the next answer, rejects when the thread has failed. */
  nextAnswer(): Promise<void>;
  ask(message: ToWorker, transfer?: ArrayBuffer[]): Promise<FromWorker>;
  close(): Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: FromWorker) => void;
  readonly reject: (error: unknown) => void;
}

function createSeat(file: string | URL): Seat {
  // Parsed records die at once: a small nursery stays in the processor's cache, and memory small.
  const worker = new Worker(file, { resourceLimits: { maxYoungGenerationSizeMb: 12 } });
  const queue: Waiting[] = [];
  let watchers: Waiting[] = [];
  let failure: unknown = null;

  function fail(error: unknown): void {
    failure ??= error;
    for (const each of [...queue.splice(0), ...watchers.splice(0)]) each.reject(failure);
  }

  worker.on('message', (answer: FromWorker) => {
    if (answer.kind === 'failed') {
      fail(new RocError(answer.code, answer.message, answer));
      return;
    }
    queue.shift()?.resolve(answer);
    for (const watcher of watchers.splice(0)) watcher.resolve(answer);
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new RocError('ROC_UNEXPECTED', 'a worker thread ended early')));

  return {
    waiting: () => queue.length,
    async nextAnswer() {
      if (failure !== null) throw failure;
      await new Promise<FromWorker>((resolve, reject) => watchers.push({ resolve, reject }));
    },
    async ask(message, transfer = []) {
      if (failure !== null) throw failure;
      return new Promise((resolve, reject) => {
        queue.push({ resolve, reject });
        worker.postMessage(message, transfer);
      });
    },
    async close() {
      watchers = [];
      await worker.terminate();
    },
  };
}
