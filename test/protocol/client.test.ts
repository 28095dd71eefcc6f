import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isRocError, type RocError } from '../../src/kernel/errors.js';
import { createClient } from '../../src/protocol/client.js';
import { FakeProblem, startFakeApi } from '../helpers/fake-api.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serverThat(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientOf(url: string) {
  return createClient({ url, userAgent: 'test', token: async () => 'token-of-ada' });
}

async function failureOf(work: Promise<unknown>): Promise<RocError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isRocError(error)) throw new TypeError(`expected a RocError, got ${error}`);
  return error;
}

describe('the client', () => {
  it('gives the problem of the server, with its code, hint and field errors', async () => {
    const api = await startFakeApi({
      'projects.create': () => {
        throw new FakeProblem('ROC_CONFLICT', 'the project exists', { hint: 'Choose another name.' });
      },
    });
    const client = clientOf(api.url);
    const conflict = await failureOf(client.call('projects.create', { body: { name: 'payroll' } }));
    expect(conflict).toMatchObject({
      code: 'ROC_CONFLICT',
      message: 'the project exists',
      hint: 'Choose another name.',
    });
    const invalid = await failureOf(client.call('projects.create', { body: { name: 'Not A Name' } }));
    expect(invalid.code).toBe('ROC_INVALID_INPUT');
    expect(invalid.message).toContain('name: expected lower-case letters');
    await api.close();
  });

  it.each([
    [200, 'ROC_UNREACHABLE'],
    [404, 'ROC_NOT_FOUND'],
    [502, 'ROC_UNREACHABLE'],
    [503, 'ROC_UNAVAILABLE'],
  ])('says so when something that answers %i with HTML is no roc server', async (status, code) => {
    const url = await serverThat((_, response) => {
      response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>It works</h1>');
    });
    const error = await failureOf(clientOf(url).call('me.show'));
    expect(error.code).toBe(code);
    expect(error.message).toBe(`${url} answered ${status} with text/html where roc answers with JSON`);
    expect(error.message).not.toContain('It works');
  });

  it('passes on when to try again', async () => {
    const api = await startFakeApi({
      'me.show': () => {
        throw new FakeProblem('ROC_THROTTLED', 'too many requests', { headers: { 'retry-after': '7' } });
      },
    });
    expect((await failureOf(clientOf(api.url).call('me.show'))).hint).toBe('Try again in 7 s.');
    await api.close();
  });

  it('does not follow a redirect, which would carry the token elsewhere', async () => {
    let reached = 0;
    const elsewhere = await serverThat((_, response) => {
      reached += 1;
      response.end('{}');
    });
    const url = await serverThat((_, response) => {
      response.writeHead(302, { location: elsewhere }).end();
    });
    expect((await failureOf(clientOf(url).call('me.show'))).code).toBe('ROC_UNREACHABLE');
    expect(reached).toBe(0);
  });

  it('names the reason when nobody listens', async () => {
    const url = await serverThat(() => {});
    servers[0]?.close();
    const error = await failureOf(clientOf(url).call('me.show'));
    expect(error).toMatchObject({ code: 'ROC_UNREACHABLE', exitCode: 5 });
    expect(error.message).toMatch(/does not answer: .*ECONNREFUSED/);
  });

  it('speaks of the certificate when TLS fails', async () => {
    const url = (await serverThat((_, response) => response.end())).replace('http:', 'https:');
    const error = await failureOf(clientOf(url).call('me.show'));
    expect(error.code).toBe('ROC_UNREACHABLE');
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('takes a reply that breaks off for an unreachable server', async () => {
    const url = await serverThat((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"id":');
      setImmediate(() => response.destroy());
    });
    expect((await failureOf(clientOf(url).call('me.show'))).code).toBe('ROC_UNREACHABLE');
  });

  it('tells an abort from a failure', async () => {
    const url = await serverThat(() => {});
    const controller = new AbortController();
    const call = failureOf(clientOf(url).call('me.show', { signal: controller.signal }));
    controller.abort();
    expect((await call).code).toBe('ROC_INTERRUPTED');
  });

  it('encodes what goes into a path', async () => {
    let seen = '';
    const url = await serverThat((request, response) => {
      seen = request.url ?? '';
      response.writeHead(404).end();
    });
    await failureOf(clientOf(url).call('jobs.show', { params: { id: '../../me?x=#' } }));
    expect(seen).toBe('/api/v1/jobs/..%2F..%2Fme%3Fx%3D%23');
  });
});
