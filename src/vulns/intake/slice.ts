/** Cuts a stream of bytes into JSON documents, however long the stream is: JSON Lines, arrays, objects in a row. */
import type { BatchSink } from './batch.js';
import { createLineSlicer } from './slice-lines.js';
import { createValueSlicer } from './slice-values.js';

const LF = 0x0a;
const HEAD_BYTES = 64 * 1024;

export interface Slicer {
  /** Takes the next bytes; they belong to the slicer from then on. */
  push(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

/** Chooses by the first bytes: a complete JSON object on one of the first two lines means JSON Lines. */
export function createSlicer(file: string, sink: BatchSink): Slicer {
  let head: Buffer[] = [];
  let headBytes = 0;
  let chosen: Slicer | null = null;

  async function choose(): Promise<Slicer> {
    const [only] = head;
    const bytes = head.length === 1 && only !== undefined ? only : Buffer.concat(head);
    head = [];
    const slicer = isJsonLines(bytes) ? createLineSlicer(file, sink) : createValueSlicer(file, sink);
    await slicer.push(bytes);
    return slicer;
  }

  return {
    async push(chunk) {
      if (chosen !== null) return chosen.push(chunk);
      head.push(chunk);
      headBytes += chunk.length;
      if (headBytes >= HEAD_BYTES) chosen = await choose();
    },
    async end() {
      chosen ??= await choose();
      await chosen.end();
    },
  };
}

// A broken first line does not make the rest less lines, so the second one may decide.
function isJsonLines(bytes: Buffer): boolean {
  const first = bytes.indexOf(LF);
  if (first === -1) return false;
  if (isObject(bytes, 0, first)) return true;
  const second = bytes.indexOf(LF, first + 1);
  return isObject(bytes, first + 1, second === -1 ? bytes.length : second);
}

function isObject(bytes: Buffer, from: number, to: number): boolean {
  const line = bytes.toString('utf8', from, to).trim();
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
