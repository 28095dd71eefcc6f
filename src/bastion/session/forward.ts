/** Listens on this host and carries each connection through a tunnel. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import { type Log, silentLog } from '../../kernel/log.js';

export interface ForwardOptions {
  readonly connect: () => Promise<Duplex>;
  /** 0 takes a free port. */
  readonly port: number;
  /** @default 127.0.0.1 */
  readonly host?: string | undefined;
  readonly log?: Log | undefined;
  /** A connection that could not be made or broke. */
  readonly onError?: (error: Error) => void;
}

export interface Forward {
  readonly port: number;
  readonly host: string;
  readonly connections: number;
  close(): Promise<void>;
}

/** @throws RocError ROC_PORT_IN_USE, ROC_REFUSED (a port that needs other rights) */
export async function startForward(options: ForwardOptions): Promise<Forward> {
  const log = options.log ?? silentLog;
  const host = options.host ?? '127.0.0.1';
  const sockets = new Set<Socket>();
  const failed = (error: Error) => {
    log.debug({ error: error.message }, 'connection failed');
    options.onError?.(error);
  };
  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    options.connect().then(
      (stream) => join(socket, stream, failed),
      (error: Error) => {
        socket.resetAndDestroy();
        failed(error);
      },
    );
  });
  const port = await listen(server, options.port, host);
  return {
    port,
    host,
    get connections() {
      return sockets.size;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Carries bytes both ways until either side ends. */
export function join(socket: Duplex, stream: Duplex, failed: (error: Error) => void): void {
  pipeline(socket, stream, (error) => {
    if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') failed(error);
  });
  pipeline(stream, socket, (error) => {
    // A destination that cannot be reached looks to the client like a refused connection, not like an empty answer.
    if (error && 'resetAndDestroy' in socket) (socket as Socket).resetAndDestroy();
    else socket.destroy();
  });
  socket.resume();
}

/** The port it came to listen on. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): RocError {
  if (error.code === 'EADDRINUSE') {
    return new RocError('ROC_PORT_IN_USE', `port ${port} on ${host} is in use`, {
      hint: 'Choose another with --local, or leave it out for a free one.',
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new RocError('ROC_REFUSED', `port ${port} needs rights that this user does not have`, {
      hint: 'Choose a port from 1024 on with --local.',
      cause: error,
    });
  }
  return new RocError('ROC_USAGE', `cannot listen on ${host}:${port}: ${error.message}`, {
    hint: 'Name an address of this host.',
    cause: error,
  });
}
