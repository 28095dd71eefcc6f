import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltServer, startBuiltServer } from '../helpers/built-server.js';

/** A load balancer keeps a connection that nobody uses for 60 s (ALB); Node by itself would close it after 5. */
const IDLE_MS = process.env['ROC_TEST_SIZE'] === 'long' ? 62_000 : 7_000;

describe('a connection of the load balancer', () => {
  let server: BuiltServer;
  beforeAll(async () => {
    server = await startBuiltServer();
  });
  afterAll(() => server?.stop());

  it(`is still there after ${IDLE_MS / 1000} s without a request`, { timeout: 120_000 }, async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const first = await ask(socket);
    expect(first).toMatch(/^HTTP\/1\.1 200 /);
    // Said, too: at least the 60 s of the load balancer.
    expect(Number(/keep-alive: timeout=(\d+)/i.exec(first)?.[1])).toBeGreaterThan(60);
    await sleep(IDLE_MS);
    expect(socket.readyState).toBe('open');
    expect(await ask(socket)).toMatch(/^HTTP\/1\.1 200 /);
    socket.destroy();
  });
});

async function ask(socket: Socket): Promise<string> {
  socket.write('GET /healthz HTTP/1.1\r\nhost: roc\r\n\r\n');
  let text = '';
  while (!/\r\n\r\n[\s\S]*\}/.test(text)) text += String((await once(socket, 'data'))[0]);
  return text;
}
