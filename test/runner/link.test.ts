import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { loadIdentity } from '../../src/runner/identity.js';
import { createLink } from '../../src/runner/link.js';
import { registerHost } from '../../src/runner/register.js';
import { realTiming } from '../../src/runner/timing.js';
import { type FakeOrchestrator, startFakeOrchestrator } from '../helpers/fake-orchestrator.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('link');
const signal = new AbortController().signal;

describe('a download from another address (beside a fake orchestrator)', () => {
  let fake: FakeOrchestrator;
  let store: Server;
  afterEach(async () => {
    store.closeAllConnections();
    store.close();
    await fake.close();
  });

  async function scene(
    answer: (request: IncomingMessage) => { status?: number; headers?: object; pieces?: string[] },
  ) {
    fake = await startFakeOrchestrator();
    const requests: IncomingMessage[] = [];
    store = createServer((request, response) => {
      requests.push(request);
      const { status = 200, headers = {}, pieces = [] } = answer(request);
      response.writeHead(status, { ...headers });
      for (const piece of pieces) response.write(piece);
      if (status !== 200 || pieces.at(-1) !== 'and then nothing') response.end();
    });
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve));
    const { stateDir } = await registerHost({
      ...{ stateDir: newDir(), url: fake.url, token: fake.token, name: 'host-1', pool: undefined },
      ...{ labels: {}, slots: 1, version: '1' },
    });
    const identity = loadIdentity(`${stateDir}/runner.json`);
    if (identity === null) throw new TypeError('it was just registered');
    const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}/blob?signature=1`;
    const open = (changes: object = {}) =>
      createLink({ identity: { ...identity, ...changes }, version: '1', timing: realTiming, timeoutMs: 300 });
    const download = async (link = open()) => {
      const pieces: Buffer[] = [];
      await link.download({ jobId: 'J', epoch: 1, url }, signal, async (body) => {
        for await (const piece of body) pieces.push(Buffer.from(piece));
      });
      return Buffer.concat(pieces).toString();
    };
    return { requests, open, download };
  }

  it('brings the bytes and takes no token there', async () => {
    const { download, requests } = await scene(() => ({ pieces: ['ab', 'cd'] }));
    expect(await download()).toBe('abcd');
    expect(requests[0]?.url).toBe('/blob?signature=1');
    expect(requests[0]?.headers.authorization).toBeUndefined();
    expect(fake.callsOf('runner.token')).toEqual([]);
  });

  it('follows no redirect', async () => {
    const { download } = await scene(() => ({ status: 302, headers: { location: fake.url } }));
    await expect(download()).rejects.toMatchObject({ code: 'ROC_UNREACHABLE' });
  });

  it('says what the store answered', async () => {
    const { download } = await scene(() => ({ status: 403 }));
    await expect(download()).rejects.toThrow('the package store answered 403');
  });

  it('fails when no more bytes come', async () => {
    const { download } = await scene(() => ({ pieces: ['ab', 'and then nothing'] }));
    await expect(download()).rejects.toMatchObject({ code: 'ROC_TIMEOUT' });
  });

  it('is refused without TLS where the server has TLS', async () => {
    const { download, open, requests } = await scene(() => ({ pieces: ['ab'] }));
    const link = open({ url: 'https://roc.example.com' });
    await expect(download(link)).rejects.toMatchObject({ code: 'ROC_PACKAGE_INVALID' });
    expect(requests).toEqual([]);
  });
});

describe('a proxy before the server (beside a fake orchestrator)', () => {
  it.each([
    ['page', { body: '<html>blocked</html>' }, undefined],
    ['JSON', { body: '{"message":"Forbidden"}' }, undefined],
    ['roc itself', {}, true],
  ])(
    'may refuse a token for a while; only the server can refuse a runner: %s',
    async (_, answer, refused) => {
      const fake = await startFakeOrchestrator();
      try {
        const { stateDir } = await registerHost({
          ...{ stateDir: newDir(), url: fake.url, token: fake.token, name: 'host-1', pool: undefined },
          ...{ labels: {}, slots: 1, version: '1' },
        });
        const identity = loadIdentity(`${stateDir}/runner.json`);
        if (identity === null) throw new TypeError('it was just registered');
        fake.breakRoute('runner.token', { status: 403, ...answer });
        const link = createLink({ identity, version: '1', timing: realTiming });
        const call = link.call('runner.started', { params: { id: 'J' }, body: { epoch: 1 }, signal });
        const error = await call.catch((thrown: unknown) => thrown as { details?: Record<string, unknown> });
        expect(error).toMatchObject({ details: { status: 403 } });
        expect((error as { details?: Record<string, unknown> }).details?.['identityRefused']).toBe(refused);
      } finally {
        await fake.close();
      }
    },
  );
});
