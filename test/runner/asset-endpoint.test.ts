import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import { type AssetEndpoint, openAssetEndpoint } from '../../src/runner/asset-endpoint.js';

let endpoint: AssetEndpoint;
let asked: string[];
beforeEach(async () => {
  asked = [];
  endpoint = await openAssetEndpoint(async (asset) => {
    asked.push(asset);
    if (asset === 'gone')
      throw new RocError('ROC_FORBIDDEN', 'the secret is not given', { details: { status: 403 } });
    if (asset === 'broken') throw new TypeError('inner words');
    return `value of ${asset}\n`;
  });
});
afterEach(() => endpoint.close());

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly token?: string | null;
  readonly host?: string;
}

function ask({ path = '/user', method = 'GET', token = endpoint.token, host }: Asked = {}) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(host === undefined ? {} : { host }),
    };
    const sent = request(`${endpoint.url}${path}`, { method, headers }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    sent.once('error', reject);
    sent.end();
  });
}

describe('the address of a robot’s assets', () => {
  it('answers the value as it is, on loopback', async () => {
    expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask()).toEqual({ status: 200, body: 'value of user\n' });
  });

  it.each<[string, () => Asked]>([
    ['no token', () => ({ token: null })],
    ['an empty one', () => ({ token: '' })],
    ['another one', () => ({ token: `${endpoint.token}x` })],
    ['a part of it', () => ({ token: endpoint.token.slice(0, -1) })],
    ['another host, as a browser that was misled has', () => ({ host: 'evil.example' })],
    ['its name in place of its number', () => ({ host: endpoint.url.replace(/.*127.0.0.1/, 'localhost') })],
  ])('answers nothing to %s', async (_, asking) => {
    expect((await ask(asking())).status).toBe(401);
    expect(asked).toEqual([]);
  });

  it.each(['/', '/A', '/a/b', '/user?x=1', '/%75ser', `/${'a'.repeat(65)}`])(
    'has nothing at %s',
    async (path) => {
      expect((await ask({ path })).status).toBe(404);
      expect(asked).toEqual([]);
    },
  );

  it('passes a refusal on, and no inner words', async () => {
    expect((await ask({ method: 'POST' })).status).toBe(405);
    expect(await ask({ path: '/gone' })).toEqual({ status: 403, body: 'the secret is not given\n' });
    expect(await ask({ path: '/broken' })).toEqual({ status: 502, body: 'the runner could not get it\n' });
  });

  it('is gone with the robot, also for who holds a connection', async () => {
    await ask();
    await endpoint.close();
    await expect(ask()).rejects.toThrow();
  });

  it('has another token each time', async () => {
    const second = await openAssetEndpoint(async () => '');
    expect(second.token).not.toBe(endpoint.token);
    await second.close();
  });
});
