import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publisherKeyId, signVersion } from '../../../src/protocol/package/signature.js';
import { type LiveServer, startLiveServer } from '../../helpers/live-server.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestAgent, type TestAgent } from '../../helpers/runner-agent.js';
import { tempDirs } from '../../helpers/temp-dirs.js';
import { until } from '../../helpers/until.js';

const newDir = tempDirs('signed');
const publisher = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const pemOf = (key: typeof publisher.publicKey) => String(key.export({ type: 'spki', format: 'pem' }));

let server: LiveServer;
let token: string;
let publisherId: string;
const agents: TestAgent[] = [];

beforeAll(async () => {
  server = await startLiveServer();
  token = await server.tokenOf('owner');
  const body = { name: 'build-server', publicKey: pemOf(publisher.publicKey) };
  publisherId = (await server.ok('publishers.create', { token, body })).id;
  await server.ok('environments.set', {
    token,
    params: { environment: 'prod' },
    body: { needsSignature: true },
  });
});
afterAll(async () => {
  const ended = agents.map((agent) => agent.stop());
  server.held.endAll();
  await Promise.all(ended);
  // The runners' connections would be kept open for the next request for over a minute.
  server.app.server.closeAllConnections();
  await server.close();
});

interface Published {
  readonly version: string;
  /** A file that the robot writes if it ever runs. */
  readonly mark: string;
  readonly status: number;
}

let made = 0;
async function publish(
  key?: typeof publisher.privateKey,
  change: { digest?: string; version?: string } = {},
): Promise<Published> {
  const [version, mark] = [`1.${made++}.0`, join(newDir(), 'ran')];
  const main = `require('fs').writeFileSync(${JSON.stringify(mark)}, 'ran')\n`;
  const { bytes, digest } = await packedRobot({ 'robot.yaml': robotYaml(version), 'main.js': main });
  const facts = { project: 'default', robot: 'totals', version, digest, ...change };
  const signed = key === undefined ? {} : signVersion(facts, key);
  const params = { robot: 'totals', version };
  const { statusCode: status } = await server.send('versions.publish', {
    token,
    params,
    query: signed,
    body: bytes,
  });
  return { version, mark, status };
}

const deploy = ({ version }: Published, environment: string) =>
  server.send('deployments.create', { token, body: { robot: 'totals', version, environment } });

/** Runs what is deployed there to its end, on a runner of a pool of its own. */
async function run(environment: string, pool: string) {
  await server.ok('processes.set', { token, params: { process: 'totals' }, body: { pool } });
  const { id } = await server.ok('jobs.start', { token, body: { process: 'totals', environment } });
  return until(
    'the job to end',
    async () => {
      const job = await server.ok('jobs.show', { token, params: { id } });
      return job.finishedAt === null ? null : job;
    },
    { timeoutMs: 30_000 },
  );
}

async function startAgent(pool: string, publisherKeys: readonly string[]): Promise<void> {
  await server.ok('pools.create', { token, body: { name: pool } });
  const registration = await server.ok('runners.token', { token, body: { pool } });
  const at = { url: server.url, token: registration.token } as never;
  agents.push(startTestAgent(at, join(newDir(), 'state'), { name: pool, pool, publisherKeys }));
}

describe('an environment that demands signatures', () => {
  it('takes what a trusted publisher signed, and nothing else', async () => {
    const [signed, unsigned] = [await publish(publisher.privateKey), await publish()];
    expect([signed.status, unsigned.status]).toEqual([201, 201]);
    expect((await deploy(unsigned, 'dev')).statusCode).toBe(201);
    const refused = await deploy(unsigned, 'prod');
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'ROC_REFUSED']);
    expect((await deploy(signed, 'prod')).statusCode).toBe(201);
    const { items } = await server.ok('versions.list', { token, params: { robot: 'totals' } });
    const keyId = publisherKeyId(publisher.publicKey);
    expect(items.map(({ version, signedBy }) => [version, signedBy])).toEqual([
      [unsigned.version, null],
      [signed.version, keyId],
    ]);
  });

  it('is not led astray by a bad signature: nobody takes that', async () => {
    const attempts = [
      await publish(stranger.privateKey),
      await publish(publisher.privateKey, { digest: `sha256:${'0'.repeat(64)}` }),
      await publish(publisher.privateKey, { version: '9.9.9' }),
    ];
    expect(attempts.map(({ status }) => status)).toEqual([403, 403, 403]);
    const { items } = await server.ok('versions.list', { token, params: { robot: 'totals' } });
    for (const { version } of attempts) expect(items.map((one) => one.version)).not.toContain(version);
  });
});

describe('a real runner', () => {
  beforeAll(async () => {
    await startAgent('open', []);
    await startAgent('strict', [pemOf(publisher.publicKey)]);
    await startAgent('foreign', [pemOf(stranger.publicKey)]);
  });

  it('runs what is signed by a key of its own', async () => {
    const signed = await publish(publisher.privateKey);
    await deploy(signed, 'dev');
    expect(await run('dev', 'strict')).toMatchObject({ state: 'succeeded' });
    expect(existsSync(signed.mark)).toBe(true);
  });

  it('runs nothing unsigned, and nothing of a publisher that it does not know, whatever the server says', async () => {
    const [unsigned, signed] = [await publish(), await publish(publisher.privateKey)];
    await deploy(unsigned, 'dev');
    expect(await run('dev', 'strict')).toMatchObject({ state: 'failed', error: { kind: 'package' } });
    await deploy(signed, 'dev');
    expect(await run('dev', 'foreign')).toMatchObject({ state: 'failed', error: { kind: 'package' } });
    expect([existsSync(unsigned.mark), existsSync(signed.mark)]).toEqual([false, false]);
  });

  it('runs nothing whose signature was put there by somebody with the database alone', async () => {
    const forged = await publish();
    const { db } = server.parts.store;
    const { id } = await db
      .selectFrom('robot_version')
      .select('id')
      .where('version', '=', forged.version)
      .executeTakeFirstOrThrow();
    const signature = 'A'.repeat(86);
    await db
      .insertInto('version_signature')
      .values({ version_id: id, publisher_id: publisherId, signature, created_at: 1 })
      .execute();
    expect((await deploy(forged, 'prod')).statusCode).toBe(201);
    expect(await run('prod', 'open')).toMatchObject({ state: 'failed', error: { kind: 'package' } });
    expect(existsSync(forged.mark)).toBe(false);
  });

  it('never starts a robot of whose stored bytes one was flipped', async () => {
    for (const place of ['head', 'middle', 'end'] as const) {
      const victim = await publish();
      await deploy(victim, 'dev');
      const { blob_key } = await server.parts.store.db
        .selectFrom('robot_version')
        .select('blob_key')
        .where('version', '=', victim.version)
        .executeTakeFirstOrThrow();
      const file = join(server.dataDir, 'blobs', blob_key);
      const bytes = readFileSync(file);
      const at = { head: 2, middle: Math.floor(bytes.length / 2), end: bytes.length - 1 }[place];
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(file, bytes);
      expect(await run('dev', 'open'), place).toMatchObject({ state: 'failed', error: { kind: 'package' } });
      expect(existsSync(victim.mark)).toBe(false);
    }
  });

  it('starts nothing more of a publisher that is trusted no more', async () => {
    const signed = await publish(publisher.privateKey);
    expect((await deploy(signed, 'prod')).statusCode).toBe(201);
    await server.ok('publishers.revoke', { token, params: { id: publisherId } });
    const refused = await server.send('jobs.start', {
      token,
      body: { process: 'totals', environment: 'prod' },
    });
    expect([refused.statusCode, refused.json().code]).toEqual([403, 'ROC_REFUSED']);
    expect((await publish(publisher.privateKey)).status).toBe(403);
  });
});
