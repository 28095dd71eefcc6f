import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeDir } from '../helpers/temp-dir.js';
import { startTestServer, type TestServer } from '../helpers/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('every answer', () => {
  it.each(['/', '/healthz', '/api/v1/me', '/no/such'])('of %s is guarded by headers', async (url) => {
    const { headers } = await server.app.inject({ url, headers: { origin: 'https://evil.example' } });
    expect(headers['content-security-policy']).toBe(
      "default-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none';object-src 'none'",
    );
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['server']).toBeUndefined();
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['cache-control']).toBe(url.startsWith('/api/') ? 'no-store' : undefined);
  });

  it('has the id of its request, the caller own one where it is safe', async () => {
    const ask = async (id: string) =>
      (await server.app.inject({ url: '/api/v1/me', headers: { 'x-request-id': id } })).json().requestId;
    expect(await ask('my-request-1')).toBe('my-request-1');
    expect(await ask('<script>alert(1)</script>')).toMatch(/^[0-9A-Z]{26}$/);
  });
});

describe('the front page', () => {
  it('is a page without a script', async () => {
    const { body, headers } = await server.app.inject('/');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('Version 0.0.0');
    expect(body).not.toMatch(/<script|<style|\sstyle=|\son\w+=/i);
    for (const [, href = ''] of body.matchAll(/href="([^"]+)"/g)) {
      expect((await server.app.inject(href)).statusCode, href).toBe(200);
    }
  });
});

describe('health', () => {
  it('is the process alone, also for HEAD', async () => {
    expect((await server.app.inject('/healthz')).json()).toEqual({ verdict: 'pass', version: '0.0.0' });
    expect((await server.app.inject({ method: 'HEAD', url: '/healthz' })).statusCode).toBe(200);
  });

  it('is ready while all that it stands on works, and says which does not', async () => {
    const pass = { verdict: 'pass' };
    expect((await server.app.inject('/readyz')).json()).toEqual({
      verdict: 'ready',
      checks: { database: pass, blobs: pass, keys: pass },
    });
    const broken = await startTestServer();
    await broken.parts.store.close();
    const response = await broken.app.inject('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      verdict: 'not-ready',
      checks: { database: { verdict: 'fail' }, keys: pass },
    });
    expect(response.body).not.toMatch(/sqlite|libsql|driver/i);
    expect((await broken.app.inject('/healthz')).statusCode).toBe(200);
    await broken.app.close();
    removeDir(broken.dataDir);
  });
});

it('keeps connections longer than a load balancer does, and waits for headers longer still', () => {
  const { keepAliveTimeout, headersTimeout, requestTimeout } = server.app.server;
  expect([keepAliveTimeout, headersTimeout > keepAliveTimeout, requestTimeout]).toEqual([
    75_000,
    true,
    7_200_000,
  ]);
});
