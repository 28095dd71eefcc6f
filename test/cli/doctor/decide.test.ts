import { describe, expect, it } from 'vitest';
import { judgeHost, judgeServer } from '../../../src/cli/doctor/decide.js';
import { judgeData } from '../../../src/cli/doctor/decide-data.js';
import type { Check, DataDirFacts, HostFacts, ServerFacts } from '../../../src/cli/doctor/model.js';

const host: HostFacts = {
  node: '24.1.0',
  config: { file: '/etc/roc.yaml', problems: [] },
  session: {
    state: 'kept',
    file: '/home/ada/s.json',
    mode: 0o600,
    url: 'https://roc',
    email: 'ada@example.com',
  },
  aws: { credentials: 'profile ops', region: 'eu-west-1', identity: null },
};

const server: ServerFacts = {
  url: 'https://roc',
  error: null,
  clockOffsetMs: 400,
  parts: { database: { isReady: true, message: '' }, blobs: { isReady: true, message: '' } },
};

const MIB = 1024 * 1024;
const dataDir: DataDirFacts = {
  path: '/var/lib/roc',
  mode: 0o700,
  isWritable: true,
  freeBytes: 50 * 1024 * MIB,
  holder: 12,
  database: { kind: 'sqlite', path: '/var/lib/roc/roc.db', state: 'good' },
  blobs: { path: '/var/lib/roc', isUsable: true },
  keys: [{ path: '/var/lib/roc/keys/master.key', mode: 0o600, folderMode: 0o700, isReadable: true }],
};

function verdicts(checks: readonly Check[]): string {
  return checks.map(({ id, verdict }) => `${id} ${verdict}`).join(', ');
}

function only(checks: readonly Check[], id: string): Check {
  const check = checks.find((each) => each.id === id);
  if (check === undefined) throw new TypeError(`no check ${id}`);
  return check;
}

describe('a host', () => {
  it('that has everything', () => {
    expect(verdicts(judgeHost(host))).toBe(
      'node ok, config ok, session ok, aws-credentials ok, aws-region ok',
    );
  });

  it.each([
    ['18.20.0', 'fail'],
    ['20.18.3', 'fail'],
    ['20.19.0', 'warn'],
    ['20.20.2', 'warn'],
    ['22.0.0', 'ok'],
    ['26.0.0', 'ok'],
  ])('with Node %s: %s', (node, verdict) => {
    expect(only(judgeHost({ ...host, node }), 'node').verdict).toBe(verdict);
  });

  it.each<[string, Partial<HostFacts>, string, string]>([
    ['no roc.yaml', { config: { file: null, problems: [] } }, 'config', 'ok'],
    [
      'a bad roc.yaml',
      { config: { file: '/etc/roc.yaml', problems: ['server.x: unknown key'] } },
      'config',
      'fail',
    ],
    ['no session', { session: { state: 'none' } }, 'session', 'skipped'],
    ['a damaged session', { session: { state: 'damaged', message: 'x' } }, 'session', 'fail'],
    [
      'an open session',
      { session: { ...host.session, mode: 0o644 } as HostFacts['session'] },
      'session',
      'fail',
    ],
    [
      'no credentials',
      { aws: { credentials: null, region: null, identity: null } },
      'aws-credentials',
      'warn',
    ],
    ['no region', { aws: { credentials: 'x', region: null, identity: null } }, 'aws-region', 'warn'],
    [
      'refused credentials',
      { aws: { ...host.aws, identity: { error: 'expired' } } },
      'aws-credentials',
      'fail',
    ],
    ['known credentials', { aws: { ...host.aws, identity: { arn: 'arn:x' } } }, 'aws-credentials', 'ok'],
  ])('with %s', (_, facts, id, verdict) => {
    const check = only(judgeHost({ ...host, ...facts }), id);
    expect(check.verdict).toBe(verdict);
    expect(check.fix === null).toBe(verdict === 'ok');
  });
});

describe('a server', () => {
  it.each<[string, ServerFacts | null, string]>([
    ['that is well', server, 'server ok, clock ok'],
    ['that nobody knows', null, 'server skipped, clock skipped'],
    ['that is away', { ...server, error: 'ECONNREFUSED', parts: null }, 'server fail, clock skipped'],
    [
      'without its database',
      { ...server, parts: { database: { isReady: false, message: 'it does not work' } } },
      'server fail, clock ok',
    ],
    ['without a date', { ...server, clockOffsetMs: null }, 'server ok, clock skipped'],
    ['29 s ahead', { ...server, clockOffsetMs: 29_000 }, 'server ok, clock ok'],
    ['31 s ahead', { ...server, clockOffsetMs: 31_000 }, 'server ok, clock warn'],
    ['31 s behind', { ...server, clockOffsetMs: -31_000 }, 'server ok, clock warn'],
    ['6 minutes behind', { ...server, clockOffsetMs: -360_000 }, 'server ok, clock fail'],
  ])('%s', (_, facts, expected) => {
    expect(verdicts(judgeServer(facts))).toBe(expected);
  });

  it('says in which direction this clock is off', () => {
    expect(only(judgeServer({ ...server, clockOffsetMs: 60_000 }), 'clock').evidence).toBe(
      "1m behind the server's",
    );
    expect(only(judgeServer({ ...server, clockOffsetMs: -60_000 }), 'clock').evidence).toBe(
      "1m ahead of the server's",
    );
  });
});

describe('a data folder', () => {
  it.each<[string, Partial<DataDirFacts>, string]>([
    ['that is well', {}, 'data-dir ok, database ok, blobs ok, keys ok'],
    ['that cannot be written', { isWritable: false }, 'data-dir fail, database ok, blobs ok, keys ok'],
    ['open to others', { mode: 0o755 }, 'data-dir fail, database ok, blobs ok, keys ok'],
    ['almost full', { freeBytes: 50 * MIB }, 'data-dir fail, database ok, blobs ok, keys ok'],
    ['filling up', { freeBytes: 500 * MIB }, 'data-dir warn, database ok, blobs ok, keys ok'],
    [
      'whose database is text',
      { database: { kind: 'sqlite', path: 'x', state: 'foreign' } },
      'data-dir ok, database fail, blobs ok, keys ok',
    ],
    [
      'without database yet',
      { database: { kind: 'sqlite', path: 'x', state: 'absent' } },
      'data-dir ok, database skipped, blobs ok, keys ok',
    ],
    [
      'whose database is elsewhere and well',
      { database: { kind: 'remote', at: 'db:3306', error: null } },
      'data-dir ok, database ok, blobs ok, keys ok',
    ],
    [
      'whose database is elsewhere and away',
      { database: { kind: 'remote', at: 'db:3306', error: 'ECONNREFUSED' } },
      'data-dir ok, database fail, blobs ok, keys ok',
    ],
    [
      'of unusable blobs',
      { blobs: { path: 'x', isUsable: false } },
      'data-dir ok, database ok, blobs fail, keys ok',
    ],
    [
      'with a key for all to read',
      { keys: [{ path: 'k', mode: 0o640, folderMode: 0o700, isReadable: true }] },
      'data-dir ok, database ok, blobs ok, keys fail',
    ],
    [
      'with an open folder of keys',
      { keys: [{ path: 'k', mode: 0o600, folderMode: 0o755, isReadable: true }] },
      'data-dir ok, database ok, blobs ok, keys fail',
    ],
    [
      'with a key that cannot be read',
      { keys: [{ path: 'k', mode: 0o600, folderMode: 0o700, isReadable: false }] },
      'data-dir ok, database ok, blobs ok, keys fail',
    ],
    [
      'with one key lost',
      { keys: [...dataDir.keys, { path: 'k', mode: null, folderMode: 0o700, isReadable: false }] },
      'data-dir ok, database ok, blobs ok, keys warn',
    ],
    ['without keys yet', { keys: [] }, 'data-dir ok, database ok, blobs ok, keys skipped'],
  ])('%s', (_, facts, expected) => {
    expect(verdicts(judgeData('/var/lib/roc', { ...dataDir, ...facts }, null))).toBe(expected);
  });

  it('that is elsewhere is what the server says of it', () => {
    expect(verdicts(judgeData('.roc', null, null))).toBe(
      'data-dir skipped, database skipped, blobs skipped, keys skipped',
    );
    const parts = { ...server.parts, blobs: { isReady: false, message: 'no space left' } };
    const checks = judgeData('.roc', null, { ...server, parts });
    expect(verdicts(checks)).toBe('data-dir skipped, database ok, blobs fail, keys skipped');
    expect(only(checks, 'blobs').evidence).toBe('no space left');
  });
});
