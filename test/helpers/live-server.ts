/** A test server that really listens on a loopback port, for what inject cannot show: held, cut and slow connections. */
import type { AddressInfo } from 'node:net';
import { startTestServer, type TestServer, type TestServerOptions } from './test-server.js';

export interface LiveServer extends TestServer {
  readonly url: string;
  readonly port: number;
}

export async function startLiveServer(options: TestServerOptions = {}): Promise<LiveServer> {
  const server = await startTestServer(options);
  await server.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.app.server.address() as AddressInfo;
  return { ...server, port, url: `http://127.0.0.1:${port}` };
}
