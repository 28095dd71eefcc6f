/** The page of a one-time link: plain, strict, and safe to look at. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const open = (token: string) => server.app.inject({ method: 'GET', url: '/account', query: { token } });
const submit = (fields: Record<string, string>, type = 'application/x-www-form-urlencoded') =>
  server.app.inject({
    ...{ method: 'POST', url: '/account', headers: { 'content-type': type } },
    payload: new URLSearchParams(fields).toString(),
  });

describe('the page of a one-time link', () => {
  it('uses a mailed link up when its form is sent, and not when it is only looked at', async () => {
    const token = await server.tokenOf('owner');
    await server.ok('users.invite', { token, body: { email: 'ana@x', role: 'viewer' } });
    const link = new URL(
      /https:\S+/.exec(server.letters.at(-1)?.text.split('Open this link')[1] ?? '')?.[0] ?? '',
    );
    expect(link.origin).toBe('https://roc.example');
    const secret = link.searchParams.get('token') ?? '';
    for (let n = 0; n < 3; n++) expect((await open(secret)).statusCode).toBe(200);
    const done = await submit({ token: secret, password: PASSWORD });
    expect([done.statusCode, done.body]).toEqual([
      200,
      expect.stringContaining('ana@x is a member of default now'),
    ]);
    expect((await submit({ token: secret, password: PASSWORD })).statusCode).toBe(410);
    expect(
      (await server.send('auth.login', { body: { email: 'ana@x', password: PASSWORD } })).statusCode,
    ).toBe(200);
  });

  it('runs nothing, is framed by nobody, stored nowhere, and tells no other site where it came from', async () => {
    const { headers, body } = await open('rocl_x');
    expect(headers['content-security-policy']).toContain("default-src 'self'");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(body).not.toMatch(/<script|<style|style=|\son\w+=/);
  });

  it.each([
    '"><script>alert(1)</script>',
    "' onfocus='alert(1)",
    '</form><form action=//evil.example>',
    '\u0000',
  ])('shows %j as what it is', async (token) => {
    const { statusCode, body } = await open(token);
    expect(statusCode).toBe(200);
    expect(body).not.toMatch(/<script|onfocus='|<form action=\/\/evil/);
    expect(body.match(/<form/g)).toHaveLength(1);
  });

  it('says what was wrong without saying more', async () => {
    expect((await submit({ token: 'rocl_none', password: PASSWORD })).statusCode).toBe(410);
    expect((await submit({ token: '', password: PASSWORD })).statusCode).toBe(422);
    expect((await submit({})).statusCode).toBe(422);
    expect((await submit({ token: 'x', password: 'x'.repeat(5000) })).statusCode).toBe(413);
    expect((await submit({ token: 'x', password: 'y' }, 'application/json')).statusCode).toBe(415);
    expect((await server.app.inject({ method: 'PUT', url: '/account' })).statusCode).toBe(405);
  });
});
