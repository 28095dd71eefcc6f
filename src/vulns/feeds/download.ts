/** Bytes of one address into a file: bounded in size and time, never from https to http, whole or not at all. */
import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { isRocError, RocError } from '../../kernel/errors.js';

export interface DownloadLimits {
  /** Milliseconds without a byte. The whole may take twenty times as long. */
  readonly idleMs: number;
  readonly maxBytes: number;
}

/**
 * @returns how many bytes were written
 * @throws RocError ROC_UNREACHABLE, ROC_TIMEOUT, ROC_TOO_LARGE
 */
export async function download(url: string, path: string, limits: DownloadLimits): Promise<number> {
  const stop = new AbortController();
  const wholeTime = setTimeout(() => stop.abort(new Slow()), limits.idleMs * 20);
  let idle = setTimeout(() => stop.abort(new Slow()), limits.idleMs);
  try {
    const reply = await fetch(url, { signal: stop.signal });
    const body = checkedBody(url, reply);
    let bytes = 0;
    const counting = new Transform({
      transform(chunk: Buffer, _, done) {
        bytes += chunk.length;
        clearTimeout(idle);
        idle = setTimeout(() => stop.abort(new Slow()), limits.idleMs);
        done(bytes > limits.maxBytes ? tooLarge(url, limits.maxBytes) : null, chunk);
      },
    });
    const source = Readable.fromWeb(body as ReadableStream);
    await pipeline(source, counting, createWriteStream(path, { mode: 0o644 }), { signal: stop.signal });
    return bytes;
  } catch (cause) {
    throw isRocError(cause) ? cause : failure(url, cause, stop.signal.reason instanceof Slow);
  } finally {
    clearTimeout(idle);
    clearTimeout(wholeTime);
  }
}

class Slow extends TypeError {}

function checkedBody(url: string, reply: Response): NonNullable<Response['body']> {
  if (url.startsWith('https:') && !reply.url.startsWith('https:'))
    throw new RocError('ROC_REFUSED', `${url} leads away from https, to ${reply.url}`, {
      hint: 'Give the address of a server that can be trusted.',
    });
  if (!reply.ok || reply.body === null)
    throw new RocError('ROC_UNREACHABLE', `${url} answered ${reply.status}`, {
      hint: 'Try again later, or give another address.',
    });
  return reply.body;
}

function tooLarge(url: string, maxBytes: number): RocError {
  return new RocError('ROC_TOO_LARGE', `${url} sends more than ${Math.round(maxBytes / 1024 / 1024)} MB`, {
    hint: 'Check the address.',
  });
}

function failure(url: string, cause: unknown, isSlow: boolean): RocError {
  const hint = 'Check the network, or copy the feeds into the folder by hand; roc reads them offline.';
  if (isSlow) return new RocError('ROC_TIMEOUT', `${url} was too slow`, { hint, cause });
  return new RocError('ROC_UNREACHABLE', `${url} did not answer to the end`, { hint, cause });
}
