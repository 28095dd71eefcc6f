/** A TCP port of the loopback interface that nobody listens on right now. */
import { createServer } from 'node:net';

/** Asks the system for a free port; another process may still take it before the caller does. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.unref();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new TypeError('no TCP address'));
      server.close(() => resolve(address.port));
    });
  });
}
