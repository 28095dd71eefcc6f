/** One WebSocket link of the data channel, on the `ws` library: Node 20 has no client of its own. */
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { RocError } from '../../kernel/errors.js';

export interface FrameSocket {
  sendText(text: string): void;
  sendFrame(frame: Buffer): void;
  ping(): void;
  /** False leaves what comes in the network, so that the sender feels the slow reader. */
  setReading(isReading: boolean): void;
  /** Closes in good order; destroyed after a second if the other side does not answer. */
  close(): void;
  /** Drops it at once. */
  destroy(): void;
}

export interface FrameSocketHandlers {
  onFrame(frame: Buffer): void;
  /** Any sign of life. */
  onAlive(): void;
  /** Exactly once after the promise resolved. */
  onEnd(why: string): void;
}

/** Larger than any frame an agent sends (1 KiB), small enough that a mad gateway costs no memory. */
const MAX_FRAME = 1024 * 1024;
const CLOSE_LIMIT = 1000;

/**
 * Opens a link.
 * @throws RocError ROC_FORBIDDEN (refused upgrade), ROC_UNREACHABLE, ROC_TIMEOUT
 */
export function openFrameSocket(
  url: URL,
  headers: Readonly<Record<string, string>>,
  limit: number,
  handlers: FrameSocketHandlers,
): Promise<FrameSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      headers: { ...headers },
      perMessageDeflate: false,
      skipUTF8Validation: true,
      maxPayload: MAX_FRAME,
      handshakeTimeout: limit,
    });
    let tcp: Socket | undefined;
    let failure = '';
    let isOpen = false;
    socket.on('upgrade', (response) => {
      tcp = response.socket;
      tcp.setNoDelay(true);
    });
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      reject(refusedUpgrade(url, response.statusCode ?? 0));
      socket.terminate();
    });
    socket.on('open', () => {
      isOpen = true;
      resolve(frameSocket(socket, () => tcp));
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) handlers.onFrame(data as Buffer);
    });
    socket.on('pong', () => handlers.onAlive());
    socket.on('ping', () => handlers.onAlive());
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', (code, reason) => {
      const why = failure || reason.toString('utf8') || `code ${code}`;
      if (isOpen) handlers.onEnd(why);
      else reject(noLink(url, why));
    });
  });
}

function frameSocket(socket: WebSocket, tcp: () => Socket | undefined): FrameSocket {
  let isCorked = false;
  // Frames of one turn of the event loop leave in one write.
  const cork = () => {
    const stream = tcp();
    if (isCorked || stream === undefined) return;
    isCorked = true;
    stream.cork();
    setImmediate(() => {
      isCorked = false;
      stream.uncork();
    });
  };
  const send = (data: Buffer | string) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    cork();
    // An error here also ends the link, which is where it is dealt with.
    socket.send(data, { binary: typeof data !== 'string' }, () => {});
  };
  return {
    sendText: send,
    sendFrame: send,
    ping() {
      if (socket.readyState === WebSocket.OPEN) socket.ping('keepalive', true, () => {});
    },
    setReading(isReading) {
      if (isReading) socket.resume();
      else socket.pause();
    },
    close() {
      socket.resume();
      socket.close(1000);
      setTimeout(() => socket.terminate(), CLOSE_LIMIT).unref();
    },
    destroy() {
      socket.terminate();
    },
  };
}

function refusedUpgrade(url: URL, status: number): RocError {
  const isForbidden = status === 401 || status === 403;
  return new RocError(
    isForbidden ? 'ROC_FORBIDDEN' : 'ROC_UNREACHABLE',
    `${url.host} answered the data channel with HTTP ${status}`,
    {
      hint: isForbidden
        ? 'Allow ssmmessages:OpenDataChannel on your own sessions, and check that the credentials have not expired.'
        : 'Check that no proxy stands between, and try again.',
      details: { status },
    },
  );
}

function noLink(url: URL, why: string): RocError {
  const isLate = /timed out/i.test(why);
  return new RocError(isLate ? 'ROC_TIMEOUT' : 'ROC_UNREACHABLE', `no data channel to ${url.host}: ${why}`, {
    hint: `Check that ${url.hostname} can be reached from here on port ${url.port || '443'}.`,
  });
}
