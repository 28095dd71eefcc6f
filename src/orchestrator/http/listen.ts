/** Opens the port, with errors that say what to do. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { RocError } from '../../kernel/errors.js';
import type { ListenAddress } from '../config.js';

/** @returns the address with the port that was taken. @throws RocError ROC_PORT_IN_USE, ROC_CONFIG_INVALID */
export async function listen(app: FastifyInstance, { host, port }: ListenAddress): Promise<ListenAddress> {
  try {
    await app.listen({ host, port, backlog: 1024 });
  } catch (cause) {
    throw listenError(cause as NodeJS.ErrnoException, { host, port });
  }
  return { host, port: (app.server.address() as AddressInfo).port };
}

function listenError(cause: NodeJS.ErrnoException, { host, port }: ListenAddress): unknown {
  if (cause.code === 'EADDRINUSE') {
    return new RocError('ROC_PORT_IN_USE', `port ${port} of ${host} is in use`, {
      hint: 'Stop what uses it (another roc serve?), or pass --listen with another port; port 0 takes a free one.',
      cause,
    });
  }
  if (cause.code === 'EACCES') {
    return new RocError('ROC_PORT_IN_USE', `port ${port} may not be used by this user`, {
      hint: 'Pass --listen with a port from 1024 up.',
      cause,
    });
  }
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'ENOTFOUND' || cause.code === 'EAI_AGAIN') {
    return new RocError('ROC_CONFIG_INVALID', `${host} is not an address of this machine`, {
      hint: 'Pass --listen 127.0.0.1:7070, or 0.0.0.0:7070 for all addresses.',
      cause,
    });
  }
  return cause;
}
