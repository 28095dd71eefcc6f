import { describe, expect, it } from 'vitest';
import { createMetricsGuard } from '../../../src/orchestrator/http/metrics-access.js';

const TOKEN = 'a token of the scraper';
type Row = readonly [
  string,
  { ip: string; headers?: Record<string, string> },
  { token?: string; allow?: string[]; proxies?: boolean },
  boolean,
];

const ROWS: readonly Row[] = [
  ['this host', { ip: '127.0.0.1' }, {}, true],
  ['this host, IPv6', { ip: '::1' }, {}, true],
  ['this host, mapped', { ip: '::ffff:127.0.0.1' }, {}, true],
  ['another host', { ip: '192.0.2.1' }, {}, false],
  [
    'a proxy on this host that nobody trusts',
    { ip: '127.0.0.1', headers: { 'x-forwarded-for': '192.0.2.1' } },
    {},
    false,
  ],
  [
    'this host through a proxy that is trusted',
    { ip: '127.0.0.1', headers: { 'x-forwarded-for': '127.0.0.1' } },
    { proxies: true },
    true,
  ],
  ['this host without the token that is set', { ip: '127.0.0.1' }, { token: TOKEN }, false],
  [
    'the token from anywhere',
    { ip: '192.0.2.1', headers: { authorization: `Bearer ${TOKEN}` } },
    { token: TOKEN },
    true,
  ],
  [
    'a wrong token',
    { ip: '192.0.2.1', headers: { authorization: `Bearer ${TOKEN}x` } },
    { token: TOKEN },
    false,
  ],
  ['any token where none is set', { ip: '192.0.2.1', headers: { authorization: 'Bearer null' } }, {}, false],
  ['an allowed network', { ip: '10.1.2.3' }, { allow: ['10.0.0.0/8'] }, true],
  ['an allowed address', { ip: '2001:db8::7' }, { allow: ['2001:db8::7'] }, true],
  ['beside an allowed network', { ip: '11.0.0.1' }, { allow: ['10.0.0.0/8'] }, false],
  ['no address at all', { ip: '' }, {}, false],
];

describe('/metrics', () => {
  it.each(ROWS)('%s', (_, { ip, headers = {} }, { token = null, allow = [], proxies = false }, isOpen) => {
    const ask = () => createMetricsGuard({ token, allow }, proxies)({ ip, headers });
    if (isOpen) expect(ask).not.toThrow();
    else expect(ask).toThrow(expect.objectContaining({ code: 'ROC_UNAUTHENTICATED' }));
  });
});
