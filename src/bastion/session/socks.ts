/** A SOCKS5 server whose connections go through tunnels. */
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { isRocError } from '../../kernel/errors.js';
import { join } from './forward.js';
import { SOCKS_REPLY, SocksHead, type SocksStep, socksReply } from './socks-head.js';

export type ConnectTo = (host: string, port: number) => Promise<Duplex>;

/** A client has so long to say where it wants to go. */
const HEAD_TIMEOUT = 10_000;

/** `failed` hears what could not be reached. */
export function socksServer(connectTo: ConnectTo, failed: (error: Error) => void): Server {
  return createServer({ noDelay: true, allowHalfOpen: true }, (socket) => serve(socket, connectTo, failed));
}

function serve(socket: Socket, connectTo: ConnectTo, failed: (error: Error) => void): void {
  const head = new SocksHead();
  const timer = setTimeout(() => socket.destroy(), HEAD_TIMEOUT);
  const onData = (chunk: Buffer) => {
    for (const step of head.feed(chunk)) take(step);
  };
  const take = (step: SocksStep) => {
    if (step.do === 'write') socket.write(step.bytes);
    else if (step.do === 'close') socket.end();
    else {
      clearTimeout(timer);
      socket.off('data', onData);
      socket.pause();
      if (step.rest.length > 0) socket.unshift(step.rest);
      connectTo(step.host, step.port).then(
        (stream) => {
          socket.write(socksReply(SOCKS_REPLY.ok));
          join(socket, stream, failed);
        },
        (error: Error) => {
          failed(error);
          const isForbidden = isRocError(error) && error.exitCode === 4;
          socket.end(socksReply(isForbidden ? SOCKS_REPLY.forbidden : SOCKS_REPLY.unreachable));
        },
      );
    }
  };
  socket.on('data', onData);
  socket.on('error', () => {});
  socket.once('close', () => clearTimeout(timer));
}
