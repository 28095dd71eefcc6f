import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostFacts } from '../../src/runner/host-facts.js';
import { loadIdentity } from '../../src/runner/identity.js';
import { registerHost } from '../../src/runner/register.js';
import { type FakeOrchestrator, startFakeOrchestrator } from '../helpers/fake-orchestrator.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('register');

describe('registering (with a fake orchestrator)', () => {
  let fake: FakeOrchestrator;
  beforeEach(async () => {
    fake = await startFakeOrchestrator();
  });
  afterEach(() => fake.close());

  const register = (stateDir: string, options: Partial<Parameters<typeof registerHost>[0]> = {}) =>
    registerHost({
      ...{ stateDir, url: fake.url, token: fake.token, name: 'host-1', pool: undefined },
      ...{ labels: { zone: 'a' }, slots: 3, version: '1.2.3', ...options },
    });

  it('sends the public halves of keys made here, and what this host is', async () => {
    const dir = newDir();
    const registered = await register(dir);
    expect(registered).toEqual({
      ...{ runnerId: fake.runner?.id, name: 'host-1', pool: 'default', tenant: 'default' },
      ...{ url: fake.url, stateDir: dir },
    });
    const file = readFileSync(join(dir, 'runner.json'), 'utf8');
    const [call] = fake.callsOf('runner.register');
    const secrets = [...file.matchAll(/"d": "([^"]+)"/g)].map(([, d]) => d);
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) expect(JSON.stringify(call?.body)).not.toContain(secret);
    expect(call?.body).toMatchObject({
      os: 'linux',
      arch: process.arch,
      version: '1.2.3',
      slots: 3,
      labels: { zone: 'a' },
    });
    expect(file).not.toContain(fake.token);
    expect(loadIdentity(join(dir, 'runner.json'))?.audience).toBe('fake:token');
  });

  it('happens once a folder', async () => {
    const dir = newDir();
    await register(dir);
    await expect(register(dir)).rejects.toMatchObject({ code: 'ROC_CONFLICT' });
    expect(fake.callsOf('runner.register')).toHaveLength(1);
  });

  it.each([
    [{ url: undefined }, '--url'],
    [{ token: undefined, name: undefined }, '--token, --name'],
  ])('says what is missing: %j', async (options, missing) => {
    await expect(register(newDir(), options)).rejects.toMatchObject({
      code: 'ROC_USAGE',
      message: expect.stringContaining(`${missing} `),
    });
  });

  it('keeps nothing where the token is refused, or is for another pool', async () => {
    const dir = newDir();
    await expect(register(dir, { token: 'wrong' })).rejects.toMatchObject({ code: 'ROC_UNAUTHENTICATED' });
    await expect(register(dir, { pool: 'gpu' })).rejects.toMatchObject({
      message: /for pool default, not for gpu/,
    });
    expect(existsSync(join(dir, 'runner.json'))).toBe(false);
    expect(existsSync(join(dir, 'agent.lock'))).toBe(false);
  });
});

describe('the facts of a host', () => {
  const options = { version: '1', labels: {}, slots: 1 };
  it.each([
    ['linux', 'linux'],
    ['darwin', 'macos'],
    ['win32', 'windows'],
  ] as const)('on %s say %s', (platform, os) => {
    expect(hostFacts(options, platform).os).toBe(os);
  });

  it('are none on a system that no robot can name', () => {
    expect(() => hostFacts(options, 'aix')).toThrow('no robot runs on aix');
  });
});
