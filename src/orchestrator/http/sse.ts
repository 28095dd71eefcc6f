/** Writes server-sent events at the reader's pace: nothing is buffered for a slow one, and one that stands still is dropped. */
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { SECOND } from '../../kernel/time.js';
import type { SseFrame } from './handler.js';

/** Proxies cut a connection on which nothing moves; a comment keeps it. */
const COMMENT_EVERY_MS = 15 * SECOND;
/** A reader that takes nothing for this long is cut off; it may come back with Last-Event-ID. */
const STALLED_AFTER_MS = 60 * SECOND;

export async function sendEvents(
  reply: FastifyReply,
  frames: AsyncIterable<SseFrame>,
  signal: AbortSignal,
  onFault: (error: unknown) => void,
): Promise<FastifyReply> {
  const headers = reply.getHeaders();
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...(headers as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  // Writing to a reader that has just gone is an error of its own kind, and nobody's fault.
  raw.on('error', () => {});
  const beat = setInterval(() => {
    if (!raw.writableNeedDrain && !raw.destroyed) raw.write(':\n\n');
  }, COMMENT_EVERY_MS).unref();
  try {
    for await (const frame of frames) {
      if (signal.aborted) break;
      if (!raw.write(frameText(frame)) && !(await drained(raw))) break;
    }
    raw.end();
  } catch (error) {
    onFault(error);
    // The status is long sent: all that is left to say is that the stream broke off.
    raw.destroy();
  } finally {
    clearInterval(beat);
  }
  return reply;
}

function frameText({ id, event, data }: SseFrame): string {
  const head = id === undefined ? '' : `id: ${id}\n`;
  return `${head}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function drained(raw: ServerResponse): Promise<boolean> {
  if (raw.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    const timer = setTimeout(() => done(false), STALLED_AFTER_MS);
    const onDrain = () => done(true);
    const onClose = () => done(false);
    const done = (ready: boolean) => {
      clearTimeout(timer);
      raw.off('drain', onDrain);
      raw.off('close', onClose);
      if (!ready) raw.destroy();
      resolve(ready);
    };
    raw.once('drain', onDrain);
    raw.once('close', onClose);
  });
}
