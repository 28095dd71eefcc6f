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

/** Chooses by the first bytes. */
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

// Most lines of JSON Lines are whole objects, also when some are broken; most lines of anything else are not.
function isJsonLines(bytes: Buffer): boolean {
  let whole = 0;
  let other = 0;
  let start = 0;
  for (let end = bytes.indexOf(LF); end !== -1 && whole + other < 50; end = bytes.indexOf(LF, start)) {
    const line = bytes.toString('utf8', start, end).trim();
    if (isObject(line)) whole++;
    else if (line !== '') other++;
    start = end + 1;
  }
  return whole > other;
}

function isObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
