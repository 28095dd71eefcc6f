import { createHash, randomBytes } from 'node:crypto';
import { createServer, connect as dial, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startForward } from '../../src/bastion/session/forward.js';
import { openTunnelPool } from '../../src/bastion/session/tunnel-pool.js';
import { directApi } from '../helpers/ssm-gateway/direct-api.js';
import { type Gateway, type GatewayOptions, startGateway } from '../helpers/ssm-gateway/gateway.js';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function echoServer(): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return (server.address() as { port: number }).port;
}

async function forwarded(options: GatewayOptions, port: number) {
  const gateway: Gateway = await startGateway(options);
  closers.push(() => gateway.close());
  const pool = await openTunnelPool({
    api: directApi(gateway),
    request: {
      target: 'i-0123456789abcdef0',
      document: 'AWS-StartPortForwardingSessionToRemoteHost',
      parameters: { host: ['127.0.0.1'], portNumber: [String(port)] },
    },
  });
  closers.push(() => pool.close());
  const forward = await startForward({ connect: () => pool.connect(), port: 0 });
  closers.push(() => forward.close());
  return { gateway, pool, forward };
}

function roundTrip(port: number, data: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    let length = 0;
    const socket = dial(port, '127.0.0.1', () => socket.write(data));
    socket.on('data', (chunk) => {
      hash.update(chunk);
      length += chunk.length;
      if (length === data.length) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(hash.digest('hex')));
  });
}

describe('a forwarded port', () => {
  it.each([
    ['multiplexed', '3.3.987.0'],
    ['one connection a session', '2.3.800.0'],
  ])('carries connections byte for byte: %s', async (_, version) => {
    const { gateway, forward } = await forwarded({ agent: { version } }, await echoServer());
    for (const size of [1, 10, 1016, 1017, 300_000]) {
      const data = randomBytes(size);
      data[size - 1] = 0x0a;
      const expected = createHash('sha256').update(data).digest('hex');
      expect(await roundTrip(forward.port, data)).toBe(expected);
    }
    expect(gateway.complaints).toEqual([]);
  });
});
