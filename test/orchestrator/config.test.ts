import { describe, expect, it } from 'vitest';
import {
  isLoopback,
  parseListen,
  placesOf,
  serverConfigSchema,
  serverFlags,
  urlOf,
} from '../../src/orchestrator/config.js';

describe('the server section', () => {
  it('has defaults for all', () => {
    const config = serverConfigSchema.parse({});
    expect(placesOf(config)).toEqual({
      database: 'sqlite:.roc/roc.db',
      blobs: { kind: 'disk', root: '.roc' },
      kms: { kind: 'local', path: '.roc/keys/master.key' },
      formerKms: [],
      auditCheckpoints: '.roc/keys/audit-checkpoints.json',
      signingKeys: '.roc/keys/signing.json',
    });
    expect(parseListen(config.listen)).toEqual({ host: '127.0.0.1', port: 7070 });
  });

  it('takes places by URL, and refuses kinds that it does not know', () => {
    const at = (change: object) => placesOf(serverConfigSchema.parse(change));
    expect(at({ blobs: 'file:/b', kms: 'local:/k', signingKeys: 'file:/s' })).toMatchObject({
      ...{
        blobs: { kind: 'disk' as const, root: '/b' },
        kms: { kind: 'local' as const, path: '/k' },
        signingKeys: '/s',
      },
    });
    for (const change of [
      { blobs: 'ftp://x' },
      { blobs: 'file:' },
      { kms: 'file:/x' },
      { signingKeys: 'x' },
    ]) {
      expect(() => at(change), JSON.stringify(change)).toThrow(/is not taken/);
    }
  });

  it.each([
    ['unknown', { hello: 1 }],
    ['a proxy by name', { trustedProxies: ['proxy.local'] }],
    ['a network beyond measure', { trustedProxies: ['10.0.0.0/33'] }],
    ['a junk network', { trustedProxies: ['10.0.0.0/8/8'] }],
    ['a public URL of another kind', { publicUrl: 'ftp://x' }],
    ['no data folder', { dataDir: '' }],
  ])('refuses %s', (_, section) => {
    expect(serverConfigSchema.safeParse(section).success).toBe(false);
  });

  it('takes addresses and networks as proxies', () => {
    const trustedProxies = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '::1'];
    expect(serverConfigSchema.parse({ trustedProxies }).trustedProxies).toEqual(trustedProxies);
  });

  it('reads flags by its own names, and only those', () => {
    expect(
      serverFlags({ 'data-dir': 'x', 'with-runner': false, config: 'y', json: true, blobs: undefined }),
    ).toEqual({
      dataDir: 'x',
      withRunner: false,
    });
  });
});

describe('an address to listen on', () => {
  it.each([
    ['127.0.0.1:7070', '127.0.0.1', 7070, 'http://127.0.0.1:7070', true],
    ['localhost:0', 'localhost', 0, 'http://localhost:0', true],
    ['0.0.0.0:80', '0.0.0.0', 80, 'http://127.0.0.1:80', false],
    ['[::1]:7070', '::1', 7070, 'http://[::1]:7070', true],
    ['[::]:7070', '::', 7070, 'http://[::1]:7070', false],
    ['10.0.0.5:65535', '10.0.0.5', 65535, 'http://10.0.0.5:65535', false],
  ])('%s', (text, host, port, url, loopback) => {
    expect(parseListen(text)).toEqual({ host, port });
    expect(urlOf({ host, port }, false)).toBe(url);
    expect(isLoopback(host)).toBe(loopback);
  });

  it.each(['7070', ':7070', 'host:', 'host:x', 'host:65536', '::1:7070', 'a b:1', ''])(
    '%s is none',
    (text) => {
      expect(() => parseListen(text)).toThrow(/is not HOST:PORT/);
    },
  );

  it('is https with TLS', () => expect(urlOf({ host: 'a', port: 1 }, true)).toBe('https://a:1'));
});
