/** The web ACL of the template, judged by a WAF of our own: what passes, what does not, and who is counted. */
import { describe, expect, test } from 'vitest';
import { ROUTES } from '../../src/protocol/routes.js';
import { templateFor } from './samples.js';
import { createWaf } from './waf-simulator.js';

const TEMPLATE = await templateFor('prod');
const waf = createWaf(TEMPLATE);
const counting = createWaf(await templateFor('dev'));

const INJECTION = `{"name":"x' or 1=1 --"}`;
const SCRIPT = '<script>alert(1)</script>';
const LOOKUP = `\${jndi:ldap://x}`;

describe('bodies', () => {
  test.each([
    ['/api/v1/jobs', INJECTION],
    ['/api/v1/auth/login', INJECTION],
    ['/api/v1/users', SCRIPT],
    ['/api/v1/processes/p', LOOKUP],
    ['/api/v1/hooks/h', SCRIPT],
  ])('are judged on %s', (path, body) => {
    expect(waf({ path, body, address: '203.0.113.9' })).toMatchObject({ action: 'block', rule: 'BadBodies' });
  });

  test.each([
    '/api/v1/robots/r/versions/1.0.0/content',
    '/api/v1/runner/jobs/01H/logs',
    '/api/v1/runner/jobs/01H/complete',
    '/api/v1/queues/invoices/items',
    '/api/v1/assets/bank',
  ])('only count on %s, whatever robots, logs and people wrote', (path) => {
    for (const body of [INJECTION, SCRIPT, LOOKUP, 'x'.repeat(1_000_000)]) {
      const verdict = waf({ path, body, address: '203.0.113.9' });
      expect(verdict.action).toBe('allow');
      expect(verdict.counted.length).toBeGreaterThan(0);
    }
  });

  test('that are large pass everywhere: the server has limits of its own', () => {
    expect(waf({ path: '/api/v1/jobs', body: 'x'.repeat(500_000), address: '203.0.113.9' }).action).toBe(
      'allow',
    );
  });

  test.each([
    '/api/v1/robots/r/versions/1.0.0/content/../../../../auth/login',
    '/api/v1/robots/x/y/versions/1/content',
    '/api/v1/robots/r/versions/1.0.0/contents',
    '/x/api/v1/runner/poll',
  ])('of a path that only looks exempt are judged: %s', (path) => {
    expect(waf({ path, body: INJECTION, address: '203.0.113.9' }).action).toBe('block');
  });
});

describe('queries', () => {
  test.each(Object.values(ROUTES).map(({ path }) => path.replace(/:\w+/g, 'x1')))(
    'are judged on %s',
    (path) => {
      expect(waf({ path, query: "q=' or 1=1", address: '192.0.2.1' }).action).toBe('block');
    },
  );
});

describe('rates', () => {
  test('1,000 runners behind one address poll, beat and log for five minutes, and all pass', () => {
    const office = createWaf(TEMPLATE);
    let blocked = 0;
    for (let runner = 0; runner < 1000; runner++)
      for (let call = 0; call < 100; call++) {
        const headers = { authorization: `Bearer ${runner}` };
        const path = call % 2 === 0 ? '/api/v1/runner/poll' : '/api/v1/runner/heartbeat';
        if (office({ path, headers, address: '203.0.113.9' }).action === 'block') blocked++;
      }
    expect(blocked).toBe(0);
    // People of the same office are not made to pay for its runners.
    expect(office({ path: '/api/v1/jobs', address: '203.0.113.9' }).action).toBe('allow');
  });

  test('one credential that asks too often is slowed, and nobody else with it', () => {
    const office = createWaf(TEMPLATE);
    const poll = (token: string) =>
      office({ path: '/api/v1/runner/poll', headers: { authorization: token }, address: '203.0.113.9' });
    for (let call = 0; call < 3000; call++) expect(poll('stolen').action).toBe('allow');
    expect(poll('stolen')).toMatchObject({ action: 'block', rule: 'RateOfRunner' });
    expect(poll('another').action).toBe('allow');
  });

  test('made-up credentials do not get past the ceiling of an address', () => {
    const office = createWaf(TEMPLATE);
    let last = 'allow';
    for (let call = 0; call <= 300_000; call++)
      last = office({
        path: '/api/v1/runner/token',
        headers: { authorization: `x${call}` },
        address: '192.0.2.7',
      }).action;
    expect(last).toBe('block');
  });

  test('an address that hammers the API is slowed', () => {
    const office = createWaf(TEMPLATE);
    let verdict = office({ path: '/api/v1/auth/login', address: '192.0.2.8' });
    for (let call = 0; call < 3000; call++)
      verdict = office({ path: '/api/v1/auth/login', address: '192.0.2.8' });
    expect(verdict).toMatchObject({ action: 'block', rule: 'RateOfAddress' });
  });
});

test('in an environment that counts nothing is blocked', () => {
  const verdict = counting({ path: '/api/v1/jobs', body: INJECTION, address: '203.0.113.9' });
  expect(verdict).toMatchObject({ action: 'allow', counted: expect.arrayContaining(['BadBodies']) });
});
