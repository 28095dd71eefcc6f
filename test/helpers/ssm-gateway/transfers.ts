/** The client's side of the workload server: uploads, downloads and echoes through any connection. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { pattern } from './workload.js';

const BLOCK = 64 * 1024;

/** Sends `bytes` of the pattern; resolves with the SHA-256 that the far side saw. */
export async function upload(
  stream: Duplex,
  bytes: number,
  pace?: { chunk: number; sleep: number },
): Promise<string> {
  stream.write(`up ${bytes}\n`);
  const answer = text(stream);
  const size = pace?.chunk ?? BLOCK;
  for (let offset = 0; offset < bytes; offset += size) {
    if (stream.destroyed) break;
    const hasRoom = stream.write(pattern(offset, Math.min(size, bytes - offset)));
    if (pace) await new Promise((resolve) => setTimeout(resolve, pace.sleep));
    else if (!hasRoom) await Promise.race([once(stream, 'drain'), answer]);
  }
  return (await answer).trim();
}

/** Asks for `bytes`; resolves with the SHA-256 of what came, or of what `use` was given the time to read. */
export async function download(
  stream: Duplex,
  bytes: number,
  slow?: { bytesPerPause: number; pause: number },
): Promise<{ sha256: string; bytes: number }> {
  stream.write(`down ${bytes}\n`);
  const hash = createHash('sha256');
  let taken = 0;
  let sincePause = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    taken += chunk.length;
    sincePause += chunk.length;
    if (slow && sincePause >= slow.bytesPerPause) {
      sincePause = 0;
      await new Promise((resolve) => setTimeout(resolve, slow.pause));
    }
    if (taken >= bytes) break;
  }
  stream.destroy();
  return { sha256: hash.digest('hex'), bytes: taken };
}

/** Round-trip times in milliseconds of `count` messages of `size` bytes, one after the other. */
export async function echo(stream: Duplex, count: number, size: number): Promise<number[]> {
  stream.write('echo\n');
  const times: number[] = [];
  const message = Buffer.alloc(size, 0x61);
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    stream.write(message);
    for (let got = 0; got < size; ) {
      const chunk = stream.read() as Buffer | null;
      if (chunk === null) await once(stream, 'readable');
      else got += chunk.length;
    }
    times.push(performance.now() - start);
  }
  stream.destroy();
  return times;
}

async function text(stream: Duplex): Promise<string> {
  let all = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) all += chunk.toString('latin1');
  return all;
}
