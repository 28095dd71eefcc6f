/** JSON Lines: whole lines go on in the chunk they came in; only a line cut by a chunk's end is copied. */
import type { BatchSink } from './batch.js';
import { MAX_RECORD_BYTES, tooLarge } from './limits.js';
import type { Slicer } from './slice.js';

const LF = 0x0a;

export function createLineSlicer(file: string, sink: BatchSink): Slicer {
  /** Offset of the next chunk in the file. */
  let base = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  let isSkipping = false;

  function keep(bytes: Buffer): void {
    if (isSkipping || bytes.length === 0) return;
    rest.push(bytes);
    restBytes += bytes.length;
    if (restBytes <= MAX_RECORD_BYTES) return;
    isSkipping = true;
    rest = [];
  }

  async function flushRest(end: number): Promise<void> {
    if (isSkipping) sink.problem(tooLarge(file, end - restBytes));
    else if (restBytes > 0)
      await sink.batch({
        file,
        base: end - restBytes,
        bytes: Buffer.concat(rest),
        spans: [0, restBytes],
        context: null,
      });
    rest = [];
    restBytes = 0;
    isSkipping = false;
  }

  async function push(chunk: Buffer): Promise<void> {
    let start = 0;
    if (restBytes > 0) {
      const end = chunk.indexOf(LF);
      const part = chunk.subarray(0, end === -1 ? chunk.length : end);
      if (isSkipping) restBytes += part.length;
      else keep(Buffer.from(part));
      if (end === -1) {
        base += chunk.length;
        return;
      }
      await flushRest(base + end);
      start = end + 1;
    }
    const stop = Math.max(chunk.lastIndexOf(LF) + 1, start);
    // Copied first: the chunk may move to another thread with the batch.
    const tail = Buffer.from(chunk.subarray(stop));
    const at = base + start;
    base += chunk.length;
    if (stop > start)
      await sink.batch({ file, base: at, bytes: chunk.subarray(start, stop), spans: null, context: null });
    keep(tail);
  }

  return { push, end: () => flushRest(base) };
}
