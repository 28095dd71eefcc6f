/** Whether TCP and TLS to a host of AWS come through from here. */
import { connect } from 'node:tls';
import type { Probe } from './facts.js';

const LIMIT = 5000;

export function probeTls(host: string, port = 443): Promise<Probe> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername: host, timeout: LIMIT });
    const done = (error: string | null) => {
      socket.destroy();
      resolve({ host, port, error });
    };
    socket.once('secureConnect', () => done(null));
    socket.once('timeout', () => done(`no answer in ${LIMIT / 1000} s`));
    socket.once('error', (error) => done(error.message));
  });
}
