import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { securityTxt } from '../../../src/orchestrator/http/security-txt.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('every answer', () => {
  it.each(['/', '/healthz', '/api/v1/projects', '/no/such'])(
    '%s has the headers that keep a browser from harm',
    async (url) => {
      const { headers } = await server.app.inject(url);
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['x-powered-by']).toBeUndefined();
      // HSTS is a promise that only who terminates TLS can make.
      expect(headers['strict-transport-security']).toBeUndefined();
    },
  );

  it.each(['GET', 'OPTIONS'] as const)('lets no other origin in (%s)', async (method) => {
    const { headers } = await server.app.inject({
      method,
      url: '/api/v1/projects',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('believes nobody who says where he comes from, unless he is trusted to', async () => {
    const headers = {
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'evil.example',
    };
    await server.app.inject({ url: '/api/v1/projects', headers });
    await server.parts.refusals.flush(true);
    const { items } = await server.ok('audit.list', { token: await server.tokenOf('owner') });
    expect(JSON.stringify(items)).not.toContain('198.51.100.7');
  });
});

describe('/metrics', () => {
  it('is not for everybody', async () => {
    const { statusCode } = await server.app.inject({ url: '/metrics', remoteAddress: '192.0.2.1' });
    expect(statusCode).toBe(401);
    expect((await server.app.inject('/metrics')).statusCode).toBe(200);
  });
});

describe('security.txt', () => {
  it('is there where a contact is named, with an end within a year', async () => {
    expect((await server.app.inject('/.well-known/security.txt')).statusCode).toBe(404);
    const text = securityTxt('mailto:security@example.com', Date.UTC(2026, 2, 1));
    expect(text).toContain('Contact: mailto:security@example.com\nExpires: 2026-05-30T00:00:00.000Z\n');
  });
});
