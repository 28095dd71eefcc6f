import { TOTP } from 'otpauth';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { PASSWORD, startTestServer, type TestServer } from '../../helpers/test-server.js';

const servers: TestServer[] = [];
let server: TestServer;
let time: number;
let token: string;

beforeEach(async () => {
  time = Date.UTC(2026, 4, 1);
  server = await startTestServer({ clock: () => time });
  servers.push(server);
  token = await server.tokenOf('viewer');
});
afterAll(() => Promise.all(servers.map((one) => one.close())));

const codeAt = (secret: string, at = time) => TOTP.generate({ secret: secretOf(secret), timestamp: at });
const secretOf = (base32: string) => new TOTP({ secret: base32 }).secret;
const login = (otp?: string, password = PASSWORD) =>
  server.send('auth.login', { body: { email: 'viewer@x', password, ...(otp === undefined ? {} : { otp }) } });

async function enrolled() {
  const { secret } = await server.ok('me.factor-enrol', { token, body: { password: PASSWORD } });
  const { recoveryCodes } = await server.ok('me.factor-confirm', { token, body: { otp: codeAt(secret) } });
  return { secret, recoveryCodes };
}

describe('a second factor', () => {
  it('is not asked for before it is confirmed', async () => {
    await server.ok('me.factor-enrol', { token, body: { password: PASSWORD } });
    expect((await login()).statusCode).toBe(200);
    const wrong = await server.send('me.factor-confirm', { token, body: { otp: '000000' } });
    expect(wrong.statusCode).toBe(422);
    expect((await login()).statusCode).toBe(200);
  });

  it('is asked for after the right password only', async () => {
    const { secret } = await enrolled();
    expect((await login()).json()).toMatchObject({ code: 'ROC_OTP_NEEDED', status: 401 });
    expect((await login(undefined, 'wrong')).json()).toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
    time += 30_000;
    expect((await login(codeAt(secret), 'wrong')).json().detail).toMatch(/e-mail or the password/);
    expect((await login(codeAt(secret))).statusCode).toBe(200);
  });

  it('ends the sessions that were opened without it, and not the one that enrolled it', async () => {
    const other = (await login()).json<{ accessToken: string; refreshToken: string }>();
    expect((await server.send('me.show', { token: other.accessToken })).statusCode).toBe(200);
    await enrolled();
    expect((await server.send('me.show', { token: other.accessToken })).statusCode).toBe(401);
    expect((await server.send('me.show', { token })).statusCode).toBe(200);
  });

  it('takes each code once, also of many at once, and none of a step before the last', async () => {
    const { secret } = await enrolled();
    expect((await login(codeAt(secret))).statusCode).toBe(401);
    time += 60_000;
    const code = codeAt(secret);
    const ends = await Promise.all([login(code), login(code), login(code)]);
    expect(ends.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect((await login(codeAt(secret, time - 30_000))).statusCode).toBe(401);
  });

  it('takes the codes of the steps beside the present one, and no others', async () => {
    const { secret } = await enrolled();
    time += 600_000;
    expect((await login(codeAt(secret, time - 60_000))).statusCode).toBe(401);
    expect((await login(codeAt(secret, time + 60_000))).statusCode).toBe(401);
    expect((await login(codeAt(secret, time - 30_000))).statusCode).toBe(200);
    expect((await login(codeAt(secret, time + 30_000))).statusCode).toBe(200);
  });

  it('lets in by each recovery code once, however it is typed', async () => {
    const { recoveryCodes } = await enrolled();
    expect(recoveryCodes).toHaveLength(10);
    const [first = '', second = ''] = recoveryCodes;
    expect((await login(first.toUpperCase().replaceAll('-', ' '))).statusCode).toBe(200);
    expect((await login(first)).statusCode).toBe(401);
    expect((await login(second)).statusCode).toBe(200);
  });

  it('cannot be guessed: wrong codes cost tries of the account', async () => {
    await enrolled();
    for (let n = 0; n < 10; n++) expect((await login(`00000${n}`)).statusCode).toBe(401);
    expect((await login('000000')).statusCode).toBe(429);
  });

  it('is removed with password and code, and not by a session alone', async () => {
    const { secret, recoveryCodes } = await enrolled();
    const remove = (password: string, otp: string) =>
      server.send('me.factor-remove', { token, body: { password, otp } });
    expect((await remove('wrong', recoveryCodes[0] ?? '')).statusCode).toBe(403);
    expect((await remove(PASSWORD, 'none')).statusCode).toBe(422);
    expect((await server.send('me.factor-enrol', { token, body: { password: PASSWORD } })).statusCode).toBe(
      409,
    );
    time += 30_000;
    expect((await remove(PASSWORD, codeAt(secret))).statusCode).toBe(204);
    expect((await login()).statusCode).toBe(200);
  });

  it('that was lost is dropped by a mailed link and the password, not on the day of a new password', async () => {
    await enrolled();
    const mailed = async (what: 'password' | 'second-factor') => {
      await server.ok('auth.recover', { body: { email: 'viewer@x', what } });
      await server.parts.errands.idle();
      return /token=(\S+)/.exec(server.letters.at(-1)?.text ?? '')?.[1] ?? '';
    };
    const password = 'a new one, and a long one';
    await server.ok('auth.accept', { body: { token: await mailed('password'), password } });
    const drop = async (secret: string) =>
      server.send('auth.accept', { body: { token: await mailed('second-factor'), password: secret } });
    expect((await drop(password)).json()).toMatchObject({ code: 'ROC_REFUSED' });
    time += 25 * 3_600_000;
    expect((await drop('wrong')).statusCode).toBe(401);
    expect((await drop(password)).statusCode).toBe(200);
    expect((await login(undefined, password)).statusCode).toBe(200);
  });

  it('stands in the database sealed, and its codes as hashes', async () => {
    const { secret, recoveryCodes } = await enrolled();
    const { db } = server.parts.store;
    const rows = JSON.stringify([
      await db.selectFrom('second_factor').selectAll().execute(),
      await db.selectFrom('recovery_code').selectAll().execute(),
    ]);
    expect(rows).not.toContain(secret);
    for (const code of recoveryCodes) expect(rows).not.toContain(code);
  });
});

describe('another password', () => {
  it('needs the present one, obeys the policy, and ends the other sessions', async () => {
    const other = (await login()).json<{ accessToken: string }>().accessToken;
    const change = (current: string, next: string) =>
      server.send('me.password', { token, body: { current, next } });
    expect((await change('wrong', 'a long new password')).statusCode).toBe(403);
    expect((await change(PASSWORD, 'short')).statusCode).toBe(422);
    expect((await change(PASSWORD, 'a long new password')).statusCode).toBe(204);
    expect((await server.send('me.show', { token })).statusCode).toBe(200);
    expect((await server.send('me.show', { token: other })).statusCode).toBe(401);
    expect((await login(undefined, 'a long new password')).statusCode).toBe(200);
  });
});

describe('a tenant that demands a second factor', () => {
  it('lets who has none enrol one and nothing else, and then all that they may', async () => {
    await server.addTenant('acme');
    const [viewer, home] = [await server.tokenOf('viewer', 'acme'), await server.tokenOf('owner')];
    const list = () => server.send('projects.list', { token: viewer });
    expect((await list()).statusCode).toBe(200);
    const params = { tenant: 'acme' };
    await server.ok('tenants.set', { token: home, params, body: { needsSecondFactor: true } });
    const refused = await list();
    expect([refused.statusCode, refused.json().hint]).toEqual([
      403,
      expect.stringContaining('roc second-factor enrol'),
    ]);
    expect((await server.ok('me.show', { token: viewer })).permissions).toEqual([]);
    // Other tenants, and the one who demands it, go on as before.
    expect((await server.send('projects.list', { token })).statusCode).toBe(200);
    const { secret } = await server.ok('me.factor-enrol', { token: viewer, body: { password: PASSWORD } });
    expect((await list()).statusCode).toBe(403);
    await server.ok('me.factor-confirm', { token: viewer, body: { otp: codeAt(secret) } });
    expect((await list()).statusCode).toBe(200);
    const { items } = await server.ok('audit.list', { token: home, query: { action: 'tenant.set' } });
    expect(items).toMatchObject([{ target: { name: 'acme' }, after: { needsSecondFactor: true } }]);
  });

  it('keeps out who drops theirs again', async () => {
    await server.addTenant('acme');
    const [viewer, home] = [await server.tokenOf('viewer', 'acme'), await server.tokenOf('owner')];
    const { secret } = await server.ok('me.factor-enrol', { token: viewer, body: { password: PASSWORD } });
    await server.ok('me.factor-confirm', { token: viewer, body: { otp: codeAt(secret) } });
    const body = { needsSecondFactor: true };
    await server.ok('tenants.set', { token: home, params: { tenant: 'acme' }, body });
    expect((await server.send('projects.list', { token: viewer })).statusCode).toBe(200);
    time += 60_000;
    await server.ok('me.factor-remove', { token: viewer, body: { password: PASSWORD, otp: codeAt(secret) } });
    time += 6000;
    expect((await server.send('projects.list', { token: viewer })).statusCode).toBe(403);
  });
});
