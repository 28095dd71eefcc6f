import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dsnOf, optionFile } from '../../src/bastion/db/client-options.js';
import { parseDestination } from '../../src/bastion/destination.js';
import { commandText, withExitMarker } from '../../src/bastion/exec/command-line.js';
import { ExitMarker } from '../../src/bastion/exec/exit-marker.js';
import type { Target } from '../../src/bastion/model.js';
import { compareVersions, isAtLeast } from '../../src/bastion/session/agent-version.js';
import { escapeFilter } from '../../src/bastion/session/escape-keys.js';
import { closedBy } from '../../src/bastion/session/session-end.js';
import { SocksHead } from '../../src/bastion/session/socks-head.js';
import { matchTargets, parseTarget, pickOne } from '../../src/bastion/target/expression.js';

const target = (instanceId: string, more: Partial<Target> = {}): Target => ({
  instanceId,
  name: null,
  platform: null,
  agentVersion: null,
  ping: 'Online',
  az: null,
  state: 'running',
  privateIp: null,
  privateDns: null,
  tags: {},
  ...more,
});
const API = target('i-0000000a', {
  name: 'api',
  privateIp: '10.0.0.1',
  privateDns: 'ip-10-0-0-1.ec2.internal',
  tags: { Env: 'prod' },
});
const DB = target('i-0000000b', { name: 'db', tags: { Env: 'prod' }, ping: 'ConnectionLost' });

describe('TARGET', () => {
  it.each([
    ['i-0000000a', ['i-0000000a']],
    ['api', ['i-0000000a']],
    ['10.0.0.1', ['i-0000000a']],
    ['ip-10-0-0-1.ec2.internal', ['i-0000000a']],
    ['ip-10-0-0-1', ['i-0000000a']],
    ['Env=prod', ['i-0000000a', 'i-0000000b']],
    ['tag:Env=p*,Env=?rod', ['i-0000000a', 'i-0000000b']],
    ['Env=p.od', []],
    ['nobody', []],
  ])('%s', (text, ids) => {
    expect(matchTargets(parseTarget(text), [API, DB]).map(({ instanceId }) => instanceId)).toEqual(ids);
  });

  it.each(['', ' ', '=x', 'tag:=x'])('"%s" is refused', (text) => {
    expect(() => parseTarget(text)).toThrow(/names no target/);
  });

  it('prefers the one that answers, and refuses to guess between two', () => {
    expect(pickOne('x', [DB, API])).toBe(API);
    expect(() => pickOne('x', [API, { ...API, instanceId: 'i-2' }])).toThrow(
      /matches 2 instances: i-0000000a \(api\), i-2/,
    );
    expect(() => pickOne('x', [])).toThrow(/no instance matches/);
  });
});

describe('destinations', () => {
  it.each([
    ['db.internal:3306', 'db.internal', 3306],
    ['10.0.0.9:80', '10.0.0.9', 80],
    ['[fd00::1]:443', 'fd00::1', 443],
    ['8080', 'localhost', 8080],
  ])('%s', (text, host, port) => expect(parseDestination(text)).toEqual({ host, port }));

  it.each(['', 'db', 'db:', 'db:0', 'db:65536', 'a:b:1', ':80'])('"%s" is refused', (text) => {
    expect(() => parseDestination(text)).toThrow(/is no destination/);
  });
});

describe('the exit marker', () => {
  it('is found and taken out however the output is cut', () => {
    const output = fc.uint8Array({ maxLength: 200 });
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(output, fc.integer({ min: 0, max: 255 }), cuts, (bytes, code, sizes) => {
        const marker = new ExitMarker('roc-nonce');
        const whole = Buffer.concat([bytes, Buffer.from(`roc-nonce:${code};`)]);
        const seen: Buffer[] = [];
        for (let at = 0, i = 0; at < whole.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          seen.push(marker.feed(whole.subarray(at, at + size)));
          at += size;
        }
        seen.push(marker.end());
        expect(marker.exitCode).toBe(code);
        expect(Buffer.concat(seen)).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('is not mistaken for the command line that names it', () => {
    const marker = new ExitMarker('roc-n');
    const text = withExitMarker('ps aux', 'roc-n', 'posix');
    const out = Buffer.concat([marker.feed(Buffer.from(text)), marker.end()]);
    expect([out.toString(), marker.exitCode]).toEqual([text, null]);
  });
});

describe('command lines', () => {
  it.each([
    [['uptime | wc'], 'uptime | wc'],
    [['ls', '-l', '/tmp'], 'ls -l /tmp'],
    [['echo', "it's", '$HOME', ''], "echo 'it'\\''s' '$HOME' ''"],
  ])('%j', (words, text) => expect(commandText(words, 'posix')).toBe(text));

  it('quotes for PowerShell', () => {
    expect(commandText(['C:\\a b\\x.exe', "it's"], 'windows')).toBe("& 'C:\\a b\\x.exe' 'it''s'");
  });
});

describe('~.', () => {
  const feed = (...keys: string[]) => {
    const filter = escapeFilter();
    return keys
      .map((key) => filter(Buffer.from(key)))
      .map(({ pass, isEscape }) => [pass.toString(), isEscape]);
  };
  it.each<[string[], [string, boolean][]]>([
    [['~.'], [['', true]]],
    [
      ['~', '.'],
      [
        ['', false],
        ['', true],
      ],
    ],
    [['a~.'], [['a~.', false]]],
    [['a\r~.'], [['a\r', true]]],
    [['~~.'], [['~.', false]]],
    [
      ['~', 'x'],
      [
        ['', false],
        ['~x', false],
      ],
    ],
  ])('%j', (keys, results) => expect(feed(...keys)).toEqual(results));

  it('passes everything else as it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (keys) => {
        const bytes = Buffer.from(keys.filter((key) => key !== 0x7e));
        return escapeFilter()(bytes).pass.equals(bytes);
      }),
    );
  });
});

describe('SOCKS', () => {
  const hello = [5, 1, 0];
  it.each<[string, number[], unknown]>([
    ['an address', [...hello, 5, 1, 0, 1, 10, 0, 0, 1, 0, 80], { do: 'connect', host: '10.0.0.1', port: 80 }],
    ['a name', [...hello, 5, 1, 0, 3, 2, 100, 98, 12, 234], { do: 'connect', host: 'db', port: 3306 }],
    [
      'IPv6',
      [...hello, 5, 1, 0, 4, ...Array(15).fill(0), 1, 0, 80],
      { do: 'connect', host: '0000:0000:0000:0000:0000:0000:0000:0001', port: 80 },
    ],
    ['a command it has not', [...hello, 5, 2, 0, 1, 10, 0, 0, 1, 0, 80], { do: 'close' }],
    ['an address type it has not', [...hello, 5, 1, 0, 9, 10, 0, 0, 1, 0, 80], { do: 'close' }],
    ['another protocol', [4, 1, 0, 80, 1, 2, 3, 4, 0], { do: 'close' }],
    ['only authentication', [5, 1, 2], { do: 'close' }],
    ['a flood', [5, 255, ...Array(1100).fill(1)], { do: 'close' }],
  ])('%s', (_, bytes, last) => {
    expect(new SocksHead().feed(Buffer.from(bytes)).at(-1)).toMatchObject(last as object);
    const head = new SocksHead();
    const steps = bytes.flatMap((byte) => head.feed(Buffer.from([byte])));
    expect(steps.find((step) => step.do !== 'write')).toMatchObject(last as object);
  });
});

describe('versions', () => {
  it.each([
    ['3.0.196.0', '3.0.196.0', true],
    ['3.0.195.9', '3.0.196.0', false],
    ['3.1', '3.0.196.0', true],
    ['', '0.0.0.1', false],
    ['10.0.0.0', '9.9.9.9', true],
  ])('%s is at least %s: %s', (version, least, is) => expect(isAtLeast(version, least)).toBe(is));
  it('text is the lowest', () => expect(compareVersions('x', '0')).toBeLessThan(0));
});

describe('why a session was closed', () => {
  it.each([
    ['', 'ROC_UNREACHABLE', /closed by the other side/],
    [
      '----------ERROR-------\nUnable to start command: user ops does not exist',
      'ROC_REFUSED',
      /closed: Unable to start command/,
    ],
  ])('%j', (reason, code, message) => {
    expect(closedBy(reason)).toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w/),
    });
  });
});

describe('signing in', () => {
  const signIn = {
    endpoint: 'e',
    port: 3306,
    user: 'a@b',
    password: 'p:/?"\\',
    auth: 'iam',
    database: 'shop',
  } as const;
  const local = { host: '127.0.0.1', port: 13306 };

  it('a DSN escapes what would end it', () => {
    const url = new URL(dsnOf(signIn, local));
    expect([url.username, url.password].map(decodeURIComponent)).toEqual(['a@b', 'p:/?"\\']);
  });

  it('option files differ by client, and quote the password', () => {
    expect(optionFile(signIn, local, 'mysql', '/ca.pem')).toMatch(
      /password="p:\/\?\\"\\\\"\n.*ssl-ca="\/ca.pem"\nssl-mode="VERIFY_CA"\nenable-cleartext-plugin\n$/s,
    );
    expect(optionFile(signIn, local, 'mariadb', undefined)).toMatch(/\nssl\n$/);
    // The secret may be somebody else's: no line of it is an option.
    const orders = { ...signIn, password: 'p"\r\ninit-command=DROP DATABASE shop' };
    expect(optionFile(orders, local, 'mysql', undefined)).not.toMatch(/^init-command/m);
  });
});
