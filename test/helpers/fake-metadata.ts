/** The metadata services of AWS on a port: IMDSv2 of an instance, and that of a task of ECS; each may fall silent. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeMetadata {
  readonly url: string;
  /** By path under /latest/meta-data/. */
  readonly data: Map<string, string>;
  /** Status and body under /task. */
  task: { readonly status: number; readonly body: string };
  /**
   * `none`: as beyond the hop limit, where the answer is dropped and the asker waits. `half`: the body stops half way.
   * `refused`: 403, as where the service is switched off.
   */
  answers: 'well' | 'none' | 'half' | 'refused';
  /** Of so many calls from now on; then it is well again. */
  faultsLeft: number;
  /** Tokens given out before count no longer. */
  expireTokens(): void;
  /** Method and path, in order. */
  readonly calls: string[];
  /** Questions that came without a token that counts. */
  readonly withoutToken: string[];
  close(): void;
}

const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';

export async function startFakeMetadata(): Promise<FakeMetadata> {
  const tokens = new Set<string>();
  let given = 0;
  const fake: Omit<FakeMetadata, 'url' | 'close'> = {
    ...{
      data: new Map(),
      calls: [],
      withoutToken: [],
      answers: 'well',
      faultsLeft: Number.POSITIVE_INFINITY,
    },
    task: { status: 404, body: '' },
    expireTokens: () => tokens.clear(),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    fake.calls.push(`${request.method} ${path}`);
    const isFault = fake.answers !== 'well' && fake.faultsLeft-- > 0;
    if (!isFault) answer(path, request, response);
    else if (fake.answers === 'refused') response.writeHead(403).end('Forbidden');
    else if (fake.answers === 'half') response.writeHead(200, { 'content-length': 999 }).write('{"TaskARN":');
  });

  function answer(path: string, request: IncomingMessage, response: ServerResponse): void {
    if (path === '/task') return void response.writeHead(fake.task.status).end(fake.task.body);
    if (path === '/latest/api/token') {
      if (request.method !== 'PUT' || !request.headers[TTL]) return void response.writeHead(400).end();
      const token = `token-${++given}`;
      tokens.add(token);
      return void response.end(token);
    }
    const token = String(request.headers['x-aws-ec2-metadata-token'] ?? '');
    if (!tokens.has(token)) {
      fake.withoutToken.push(path);
      return void response.writeHead(401).end();
    }
    const value = fake.data.get(path.replace('/latest/meta-data/', ''));
    response.writeHead(value === undefined ? 404 : 200).end(value ?? '');
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(fake, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
}
