import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import EnvironmentsSet from '../../commands/environments/set.js';
import PublishersAdd from '../../commands/publishers/add.js';
import PublishersList from '../../commands/publishers/list.js';
import PublishersRevoke from '../../commands/publishers/revoke.js';
import RobotsKeygen from '../../commands/robots/keygen.js';
import RobotsPublish from '../../commands/robots/publish.js';
import { isSignedBy, readPublisherKey } from '../../src/protocol/package/signature.js';
import { page, sampleId, sampleVersion } from '../helpers/api-samples.js';
import { writeRobot } from '../helpers/robot-folder.js';
import { robotYaml } from '../helpers/robot-package.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

const at = '2026-03-01T12:00:00.000Z';
const publisher = {
  ...{ id: sampleId(1), name: 'build-server', keyId: '0123456789abcdef', publicKey: 'PEM' },
  ...{ state: 'trusted' as const, purpose: 'robots' as const, createdBy: 'ada@example.com', createdAt: at },
};
let shell: SignedIn;
let file: string;
beforeEach(async () => {
  shell = await signedIn({
    'publishers.list': () => page([publisher]),
    'publishers.create': () => publisher,
    'publishers.revoke': () => undefined,
    'environments.set': () => ({ id: sampleId(2), name: 'prod', createdAt: at, needsSignature: true }),
    'versions.publish': () => ({ ...sampleVersion(), created: true }),
  });
  file = join(shell.dir, 'publisher.pem');
});
afterEach(() => shell.close());

describe('publishers', () => {
  it('get a key pair that is never overwritten, its private half for nobody else', async () => {
    expect((await shell.run(RobotsKeygen, '-o', file)).exitCode).toBe(0);
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    expect((await shell.run(RobotsKeygen, '-o', file)).exitCode).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('sign what they publish, over the digest of its content', async () => {
    await shell.run(RobotsKeygen, '-o', file);
    const robot = writeRobot(shell.dir, { 'main.js': '1\n', 'robot.yaml': robotYaml('1.0.0') });
    expect((await shell.run(RobotsPublish, robot, '--sign', file)).exitCode).toBe(0);
    const { query } = shell.api.requests.at(-1) as { query: Record<string, string> };
    expect(query).toMatchObject({ keyId: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(query['signature']).toMatch(/^[A-Za-z0-9_-]{86}$/);
    const key = readPublisherKey(readFileSync(`${file}.pub`, 'utf8'));
    const facts = { project: 'default', robot: 'totals', version: '1.0.0', digest: 'sha256:0' };
    expect(isSignedBy(facts, query['signature'] ?? '', key)).toBe(false);
  });

  it('are told what is no key before anything is sent', async () => {
    const robot = writeRobot(shell.dir, { 'main.js': '1\n', 'robot.yaml': robotYaml('1.0.0') });
    for (const sign of [join(shell.dir, 'none'), join(robot, 'robot.yaml')]) {
      const end = await shell.run(RobotsPublish, robot, '--sign', sign);
      expect(end.exitCode).toBe(2);
    }
    expect(shell.api.requests).toEqual([]);
  });

  it('are trusted, listed and revoked; a private key is not sent', async () => {
    await shell.run(RobotsKeygen, '-o', file);
    expect((await shell.run(PublishersAdd, `${file}.pub`, '--name', 'build-server')).stdout).toContain(
      'build-server',
    );
    expect(shell.api.requests.at(-1)?.body).toMatchObject({ name: 'build-server' });
    const sent = shell.api.requests.length;
    expect((await shell.run(PublishersAdd, file, '--name', 'oops')).exitCode).toBe(2);
    expect(shell.api.requests).toHaveLength(sent);
    expect((await shell.run(PublishersList)).stdout).toMatch(
      /build-server +0123456789abcdef +robots +trusted/,
    );
    expect((await shell.run(PublishersRevoke, publisher.id)).stdout).toBe(
      `revoked publisher ${publisher.id}\n`,
    );
    expect((await shell.run(EnvironmentsSet, 'prod', '--signatures', 'required')).stdout).toBe(
      'prod: signatures are required\n',
    );
  });
});
