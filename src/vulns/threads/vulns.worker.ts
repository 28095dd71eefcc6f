/** A worker thread: reads batches into its own spool, later finishes partitions. Its messages are in messages.ts. */
import { parentPort } from 'node:worker_threads';
import { isRocError } from '../../kernel/errors.js';
import type { Collector } from '../collect/collector.js';
import { createCollector } from '../collect/collector.js';
import type { Finisher } from '../collect/finish-partition.js';
import { createRequestFinisher } from '../collect/run-finish.js';
import { type BatchReader, createBatchReader } from '../intake/read-batch.js';
import { createScratchFiles } from '../scratch-files.js';
import { openTrackStore } from '../store/disk-store.js';
import { asBuffer, transferable } from './as-buffer.js';
import type { FromWorker, ToWorker } from './messages.js';

// Closed by the end of the thread.
const scratch = createScratchFiles();
let collector: Collector | null = null;
let reader: BatchReader | null = null;
let finisher: Finisher | null = null;

function answer(message: ToWorker): FromWorker {
  switch (message.kind) {
    case 'open':
      collector = createCollector({ scratch, memoryBytes: message.memoryBytes });
      reader = createBatchReader(collector, message);
      return { kind: 'done' };
    case 'batch':
      reader?.read({ ...message.batch, bytes: asBuffer(message.batch.bytes) });
      return { kind: 'read', bytes: message.batch.bytes };
    case 'end-intake': {
      const intake = collector?.finish();
      collector = null;
      reader = null;
      if (intake === undefined) throw new TypeError('nothing was opened');
      return { kind: 'intake', intake };
    }
    case 'judge': {
      const { store } = message;
      finisher = createRequestFinisher(
        message.request,
        store === null ? null : openTrackStore(store.dir, store.index, scratch),
        scratch,
      );
      return { kind: 'done' };
    }
    case 'finish':
      finisher?.finish(
        message.partition,
        message.parts.map((part) => ({ ...part, bytes: asBuffer(part.bytes) })),
      );
      return { kind: 'done' };
    case 'end-finish': {
      const part = finisher?.result();
      finisher = null;
      if (part === undefined) throw new TypeError('nothing was judged');
      return { kind: 'finished', part };
    }
  }
}

function answerOrFault(message: ToWorker): FromWorker {
  try {
    return answer(message);
  } catch (error) {
    if (!isRocError(error)) throw error;
    const { code, message: text, hint } = error;
    return { kind: 'failed', code, message: text, ...(hint === undefined ? {} : { hint }) };
  }
}

parentPort?.on('message', (message: ToWorker) => {
  const said = answerOrFault(message);
  parentPort?.postMessage(said, said.kind === 'read' ? transferable(said.bytes) : []);
});
