/** One way through every route of the table, each answer held to its contract. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { canonicalSha256 } from '../../src/kernel/canonical-json.js';
import { AUDIT_RULES } from '../../src/orchestrator/http/audit-rules.js';
import { createHeldCalls } from '../../src/orchestrator/http/held-calls.js';
import { startNodeBeat } from '../../src/orchestrator/loops/node-beat.js';
import { newUlid } from '../../src/orchestrator/store/ids.js';
import { purgeExpired } from '../../src/orchestrator/store/purge.js';
import { verifyExport } from '../../src/protocol/audit/verify-export.js';
import { CONTRACTS, type Contract, type ReplyOf } from '../../src/protocol/contracts.js';
import { decryptChunks } from '../../src/protocol/package/chunks.js';
import { packageContext } from '../../src/protocol/package/context.js';
import { unwrapKey } from '../../src/protocol/package/key-wrap.js';
import { ROUTES, type Route, type RouteId } from '../../src/protocol/routes.js';
import { keyExchange } from '../helpers/job-keys.js';
import { packedRobot, type RobotPackage, robotYaml } from '../helpers/robot-package.js';
import {
  PASSWORD,
  startTestRunner,
  type TestRequest,
  type TestRunner,
  type TestServer,
} from '../helpers/test-server.js';

const INPUTS = `assets: [rate, key]
inputs:
  type: object
  properties: { amount: { type: integer, minimum: 1 }, name: { type: string, pattern: "^[a-z]+$" } }
  required: [amount]
  additionalProperties: false
`;

export function everyRouteContract(start: () => Promise<TestServer>): void {
  let server: TestServer;
  let owner: string;
  let runner: TestRunner;
  let first: RobotPackage;
  const called = new Set<RouteId>();

  beforeAll(async () => {
    server = await start();
    owner = await server.tokenOf('owner');
    runner = await startTestRunner(server, 'host-1');
    first = await packedRobot({ 'robot.yaml': robotYaml('1.0.0', INPUTS) });
  });
  afterAll(() => server.close());

  /** Calls a route as its table says, and holds the answer to its contract: nothing missing, nothing more. */
  async function ask<K extends RouteId>(id: K, request: TestRequest<K> = {}): Promise<ReplyOf<K>> {
    const route: Route = ROUTES[id];
    const token = request.token ?? (route.access === 'runner' ? runner.token : owner);
    const response = await server.send(id, { ...request, token });
    expect(response.statusCode, `${id}: ${response.body}`).toBe(route.status ?? 200);
    expect(response.headers['x-request-id']).toMatch(/^[0-9A-Z]{26}$/);
    called.add(id);
    const contract: Contract = CONTRACTS[id];
    if (contract.reply === 'empty') expect(response.body).toBe('');
    if (typeof contract.reply === 'string') return undefined as ReplyOf<K>;
    const body: unknown = response.json();
    expect((contract.reply as z.ZodType).parse(body)).toEqual(body);
    return body as ReplyOf<K>;
  }

  const version = { robot: 'totals', version: '1.0.0' };

  describe('every route, on one way through', () => {
    it('signs in, tells who, renews', async () => {
      const session = await ask('auth.login', { body: { email: 'Owner@X ', password: PASSWORD } });
      expect(session.tenant).toBe('default');
      const me = await ask('me.show', { token: session.accessToken });
      expect(me).toMatchObject({ email: 'owner@x', roles: ['owner'] });
      const renewed = await ask('auth.refresh', { body: { refreshToken: session.refreshToken } });
      await ask('auth.logout', { token: renewed.accessToken });
      expect((await server.send('me.show', { token: renewed.accessToken })).statusCode).toBe(401);
    });

    it('lets people look after their own account', async () => {
      const next = 'battery staple correct horse';
      await ask('me.password', { body: { current: PASSWORD, next } });
      const { secret } = await ask('me.factor-enrol', { body: { password: next } });
      const otp = TOTP.generate({ secret: new TOTP({ secret }).secret });
      const { recoveryCodes } = await ask('me.factor-confirm', { body: { otp } });
      const [first = '', second = ''] = recoveryCodes;
      await ask('auth.login', { body: { email: 'owner@x', password: next, otp: first } });
      await ask('me.factor-remove', { body: { password: next, otp: second } });
      await ask('me.password', { body: { current: next, next: PASSWORD } });
    });

    it('has places', async () => {
      for (const kind of ['projects', 'environments', 'pools'] as const) {
        const made = await ask(`${kind}.create`, { body: { name: 'extra' } });
        const { items } = await ask(`${kind}.list`);
        expect(items.map(({ id }) => id)).toContain(made.id);
      }
    });

    it('takes a robot in and gives it back byte by byte', async () => {
      const body = first.bytes;
      const published = await ask('versions.publish', {
        params: version,
        query: { sha256: first.sha256 },
        body,
      });
      expect(published).toMatchObject({ created: true, digest: first.digest, sizeBytes: body.length });
      const again = await server.send('versions.publish', { params: version, body, token: owner });
      expect(again.statusCode).toBe(200);
      expect(again.json()).toMatchObject({ created: false, id: published.id });
      const pulled = await server.send('versions.pull', { params: version, token: owner });
      called.add('versions.pull');
      expect(pulled.rawPayload.equals(body)).toBe(true);
      expect(pulled.headers['content-length']).toBe(String(body.length));
      expect((await ask('robots.list')).items).toMatchObject([{ name: 'totals', latestVersion: '1.0.0' }]);
      expect((await ask('versions.list', { params: { robot: 'totals' } })).items).toHaveLength(1);
      expect((await ask('versions.show', { params: version })).digest).toBe(first.digest);
    });

    it('deploys, rolls back, yanks', async () => {
      const second = await packedRobot({ 'robot.yaml': robotYaml('2.0.0', INPUTS) });
      await ask('versions.publish', { params: { ...version, version: '2.0.0' }, body: second.bytes });
      const deployed = await ask('deployments.create', { body: version });
      expect(deployed).toMatchObject({ environment: 'dev', processCreated: true, active: true });
      await ask('deployments.create', { body: { ...version, version: '2.0.0' } });
      const back = await ask('deployments.rollback', { body: { robot: 'totals', reason: 'bad' } });
      expect(back).toMatchObject({ version: '1.0.0', previousVersion: '2.0.0', kind: 'rollback' });
      expect((await ask('deployments.list')).items).toHaveLength(3);
      expect((await ask('versions.yank', { params: { ...version, version: '2.0.0' } })).state).toBe('yanked');
      expect((await ask('processes.list')).items).toHaveLength(1);
      const set = await ask('processes.set', { params: { process: 'totals' }, body: { maxAttempts: 2 } });
      expect(set).toMatchObject({ maxAttempts: 2, active: [{ environment: 'dev', version: '1.0.0' }] });
      expect(await ask('processes.show', { params: { process: 'totals' } })).toEqual(set);
    });

    it('runs a job from start to end', async () => {
      await ask('assets.set', { params: { asset: 'rate' }, body: { value: '0.19' } });
      const secret = { params: { asset: 'key' }, body: { kind: 'secret', value: 'open sesame' } } as const;
      await ask('assets.set', secret);
      await ask('assets.grant', { params: secret.params, body: { process: 'totals' } });
      const job = await ask('jobs.start', { body: { process: 'totals', input: { amount: 3 } } });
      const params = { id: job.id };
      expect(job).toMatchObject({
        state: 'queued',
        version: '1.0.0',
        input: { amount: 3 },
        createdBy: 'owner@x',
      });
      expect((await ask('jobs.why', { params })).waiting).toBe(true);
      const { sessionEpoch } = runner;
      const { jobs } = await ask('runner.poll', { body: { sessionEpoch, freeSlots: 1, waitMs: 0 } });
      const [offer] = jobs;
      const { epoch } = offer!;
      expect(offer).toMatchObject({
        jobId: job.id,
        attempt: 1,
        entrypoint: ['node', 'main.js'],
        input: { amount: 3 },
      });

      const cipher = await server.send('runner.package', { params, query: { epoch }, token: runner.token });
      called.add('runner.package');
      expect(cipher.statusCode, cipher.body).toBe(200);
      expect(cipher.rawPayload.includes('console.log')).toBe(false);
      const { digest, tenantId: tenant, project, robot } = offer!.package;
      const exchange = await keyExchange(runner, offer!);
      const { wrappedKey } = await ask('runner.key', { params, body: { epoch, exchange } });
      const key = unwrapKey(runner.boxKey, wrappedKey, { runnerId: runner.id, jobId: job.id, epoch, digest });
      const plain = decryptChunks(key, packageContext({ tenant, project, robot, version: '1.0.0' }));
      plain.end(cipher.rawPayload);
      const sha256 = createHash('sha256');
      for await (const piece of plain) sha256.update(piece as Buffer);
      expect(sha256.digest('hex')).toBe(first.sha256);

      const { token, problems } = await ask('runner.job-token', { params, body: { epoch } });
      expect(problems).toEqual([]);
      const read = (asset: string) => ask('runner.asset', { token, params: { ...params, asset } });
      expect(await read('rate')).toMatchObject({ kind: 'text', value: '0.19' });
      expect(await read('key')).toMatchObject({ kind: 'secret' });
      await ask('runner.started', { params, body: { epoch } });
      const at = new Date().toISOString();
      const line = { seq: 1, at, stream: 'stdout' as const, text: 'héllo' };
      expect(await ask('runner.logs', { params, body: { epoch, lines: [line] } })).toEqual({ nextSeq: 2 });
      const beat = await ask('runner.heartbeat', {
        body: { sessionEpoch, jobs: [{ jobId: job.id, epoch, progress: { percent: 50, message: 'half' } }] },
      });
      expect(beat).toEqual({ renewed: [{ jobId: job.id, epoch }], cancel: [], lost: [], drain: false });
      expect((await ask('jobs.show', { params })).progress).toEqual({ percent: 50, message: 'half' });
      const done = {
        epoch,
        resultId: 'result-0123456789',
        outcome: 'succeeded',
        output: { total: 6 },
        error: null,
      } as const;
      expect(await ask('runner.complete', { params, body: done })).toEqual({ state: 'succeeded' });
      const [sent, unknown] = [{ ...done, jobId: job.id }, newUlid(0)];
      const stale = { ...done, jobId: unknown, resultId: 'another-result-01' };
      const many = await ask('runner.complete-many', { body: { results: [sent, stale] } });
      expect(many.results).toEqual([
        { jobId: job.id, epoch, state: 'succeeded', code: null },
        { jobId: unknown, epoch, state: null, code: 'ROC_STALE_LEASE' },
      ]);
      const another = { ...sent, resultId: 'another-result-01' };
      const other = await ask('runner.complete-many', { body: { results: [another] } });
      expect(other.results).toEqual([{ jobId: job.id, epoch, state: null, code: 'ROC_STALE_LEASE' }]);
      // Under one id or several, of one epoch or several: each would be a transaction of its own.
      for (const twice of [sent, another, { ...another, epoch: epoch + 1 }]) {
        const response = await server.send('runner.complete-many', {
          token: runner.token,
          body: { results: [sent, twice] },
        });
        expect([response.statusCode, response.json().errors[0]?.path]).toEqual([422, '/results']);
      }

      const shown = await ask('jobs.show', { params });
      expect(shown).toMatchObject({ state: 'succeeded', output: { total: 6 }, runner: 'host-1' });
      expect(shown.events.map(({ type }) => type)).toEqual(['enqueued', 'leased', 'started', 'finished']);
      expect((await ask('jobs.logs', { params })).items).toEqual([{ ...line, attempt: 1 }]);
      expect((await ask('jobs.list', { query: { state: 'succeeded' } })).items).toHaveLength(1);
      const again = await ask('jobs.retry', { params });
      expect(again).toMatchObject({ state: 'queued', retryOf: job.id });
      const canceled = await ask('jobs.cancel', { params: { id: again.id } });
      expect(canceled.state).toBe('canceled');
    });

    it('follows a job that has ended to its end', async () => {
      const [job] = (await ask('jobs.list', { query: { state: 'succeeded' } })).items;
      const response = await server.send('jobs.events', { params: { id: job!.id }, token: owner });
      called.add('jobs.events');
      expect(response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      const events = [...response.body.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
      expect(events).toEqual(['log', 'state', 'end']);
    });

    it('keeps runners', async () => {
      const { items } = await ask('runners.list');
      expect(items).toMatchObject([{ name: 'host-1', state: 'online', slots: 2 }]);
      const params = { id: runner.id };
      await ask('runner.drain', { body: { sessionEpoch: runner.sessionEpoch } });
      expect((await ask('runners.drain', { params })).state).toBe('draining');
      await ask('runner.leave', { query: { sessionEpoch: runner.sessionEpoch } });
      await ask('runners.token', { body: { pool: 'extra' } });
      await ask('runners.remove', { params });
      expect((await server.send('runner.session', { token: runner.token })).statusCode).toBe(401);
      const { id, token } = await startTestRunner(server, 'host-2');
      expect([id, token]).not.toContain('');
      for (const used of ['runner.register', 'runner.token', 'runner.session'] as const) called.add(used);
    });

    it('knows its nodes', async () => {
      const { store, log } = server.parts;
      const about = { instanceId: 'i-0abc', version: '1.0.0', log, random: Math.random };
      const node = await startNodeBeat({ ...about, store, held: createHeldCalls() });
      const params = { id: node.id };
      expect((await ask('nodes.list')).items).toMatchObject([{ id: node.id, state: 'online' }]);
      expect(await ask('nodes.drain', { params })).toMatchObject({ state: 'draining' });
      expect(await ask('nodes.show', { params })).toMatchObject({ instanceId: 'i-0abc', state: 'draining' });
      expect(await ask('nodes.resume', { params })).toMatchObject({ state: 'online' });
      await node.stop();
      expect((await ask('nodes.list')).items).toEqual([]);
    });

    it('trusts publishers, and demands their signatures', async () => {
      const publicKey = String(
        generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
      );
      const made = await ask('publishers.create', { body: { name: 'build-server', publicKey } });
      expect((await ask('publishers.list')).items).toEqual([made]);
      await ask('publishers.revoke', { params: { id: made.id } });
      expect((await ask('publishers.list')).items).toMatchObject([{ state: 'revoked' }]);
      const set = { params: { environment: 'prod' }, body: { needsSignature: true } };
      expect(await ask('environments.set', set)).toMatchObject({ name: 'prod', needsSignature: true });
    });

    it('keeps values and secrets', async () => {
      const params = { asset: 'mailbox-password' };
      const set = await ask('assets.set', { params, body: { kind: 'secret', value: 's3cret' } });
      expect(set).toMatchObject({ kind: 'secret', value: null });
      expect(await ask('assets.show', { params })).toEqual(set);
      expect((await ask('assets.list')).items).toContainEqual(set);
      expect((await ask('assets.reveal', { params })).value).toBe('s3cret');
      const body = { process: 'totals' };
      expect((await ask('assets.grant', { params, body })).grants).toEqual(['totals']);
      expect((await ask('assets.revoke', { params, body })).grants).toEqual([]);
      await ask('assets.delete', { params });
      expect((await ask('assets.list')).items.map(({ name }) => name)).toEqual(['key', 'rate']);
    });

    it('has API keys', async () => {
      const wish = {
        consumer: 'billing',
        scopes: ['projects:read' as const],
        rps: 5,
        daily: 100,
        lifeDays: 1,
      };
      const { key, ...made } = await ask('keys.create', { body: wish });
      await ask('projects.list', { token: key });
      await server.parts.auth.quotas.flush();
      const params = { id: made.id };
      expect((await ask('keys.usage', { params })).items).toMatchObject([{ routeClass: 'api', requests: 1 }]);
      expect((await ask('keys.list', { query: { prefix: made.prefix } })).items).toMatchObject([
        { id: made.id },
      ]);
      await ask('keys.revoke', { params });
      expect((await ask('keys.list')).items).toMatchObject([{ id: made.id, state: 'revoked' }]);
    });

    it('keeps evidence as it came', async () => {
      const body = { findings: [{ id: 'CVE-2026-1', fix: 'é' }] };
      const envelope = {
        ...{
          kind: 'vulns-report',
          generatedAt: '2026-03-01T12:00:00.000Z',
          scope: 'account 1',
          policyHash: null,
        },
        ...{
          verdict: 'fail' as const,
          summary: { open: 1 },
          sha256: canonicalSha256(body),
          signature: null,
          body,
        },
      };
      const { created, ...made } = await ask('evidence.publish', { body: envelope });
      expect(created).toBe(true);
      expect(made).toMatchObject({ kind: 'vulns-report', verdict: 'fail', summary: { open: 1 } });
      expect((await ask('evidence.list', { query: { kind: 'vulns-report' } })).items).toEqual([made]);
      const params = { id: made.id };
      expect(await ask('evidence.show', { params })).toEqual(made);
      const content = await server.send('evidence.content', { params, token: owner });
      called.add('evidence.content');
      expect(content.json()).toEqual(envelope);
    });

    it('has an audit chain that verifies, with an event for each change that was made', async () => {
      const checkpoint = await ask('audit.checkpoint');
      const { items } = await ask('audit.list', { query: { limit: 500 } });
      expect(checkpoint).toMatchObject({ seq: items[0]?.seq, hash: items[0]?.hash });
      const told = new Set(items.map(({ action }) => action));
      const rules = Object.entries(AUDIT_RULES).flatMap(([id, rule]) =>
        'action' in rule ? [[id, rule.action]] : [],
      );
      const untold = rules.filter(([id, action]) => called.has(id as RouteId) && !told.has(action as string));
      // A refresh is told only where a token was used twice.
      expect(untold).toEqual([['auth.refresh', 'session.reuse']]);
      const { body } = await server.send('audit.export', { token: owner });
      called.add('audit.export');
      expect((await ask('audit.state')).problems).toEqual([]);
      const { items: keys } = await ask('audit.keys');
      const publicKeys = keys.map(({ publicKey }) => publicKey);
      const lines = createInterface({ input: Readable.from([body]) });
      const verdict = await verifyExport({ lines, publicKeys, held: [checkpoint] });
      expect(verdict).toMatchObject({ verdict: 'pass', events: items.length, firstBad: null });
    });

    it('has people, who come in by a link and hold roles', async () => {
      const email = 'ana@x';
      const made = await ask('users.create', { body: { email, role: 'viewer' } });
      await ask('users.invite', { body: { email: 'bea@x', role: 'operator', project: 'extra' } });
      expect(server.letters.at(-1)).toMatchObject({ to: 'bea@x', subject: 'Invitation to roc' });
      const accepted = await ask('auth.accept', { body: { token: made.token, password: PASSWORD } });
      expect(accepted).toEqual({ kind: 'invite', email, tenant: 'default' });
      const night = { name: 'night', permissions: ['jobs:start' as const, 'jobs:read' as const] };
      expect(await ask('roles.create', { body: night })).toMatchObject({ holders: 0, isBuiltIn: false });
      const held = await ask('roles.grant', {
        params: { role: 'night' },
        body: { user: email, process: 'totals' },
      });
      expect(held.grants).toMatchObject([
        { role: 'night', project: 'default', process: 'totals' },
        { role: 'viewer', project: null, process: null },
      ]);
      const { items } = await ask('roles.list');
      expect(items.find(({ name }) => name === 'night')).toMatchObject({ holders: 1 });
      const ana = (await ask('users.list')).items.find((user) => user.email === email);
      const params = { id: ana?.id ?? '' };
      expect(await ask('users.show', { params })).toEqual(ana);
      expect((await ask('users.set', { params, body: { suspended: true } })).state).toBe('suspended');
      await ask('roles.revoke', { params: { role: 'night' }, body: { user: email, process: 'totals' } });
      await ask('roles.delete', { params: { role: 'night' } });
      const recovery = await ask('users.recover', { params, body: { what: 'password' } });
      const password = 'another horse, another staple';
      await ask('auth.accept', { body: { token: recovery.token, password } });
      await ask('auth.recover', { body: { email, what: 'password' } });
      await server.parts.errands.idle();
      expect(server.letters.at(-1)).toMatchObject({ to: email, subject: 'A new password for roc' });
      await ask('users.revoke', { params });
      expect((await server.send('users.show', { params, token: owner })).statusCode).toBe(404);
    });

    it('has tenants, which rest and go', async () => {
      const made = await ask('tenants.create', { body: { name: 'acme', owner: 'boss@acme' } });
      const params = { tenant: 'acme' };
      expect(await ask('tenants.show', { params })).toMatchObject({ id: made.id, state: 'active' });
      const { token } = made.invitation;
      expect(await ask('auth.accept', { body: { token, password: PASSWORD } })).toMatchObject({
        tenant: 'acme',
      });
      const boss = await ask('auth.login', { body: { email: 'boss@acme', password: PASSWORD } });
      expect((await ask('tenants.list')).items.map(({ name }) => name)).toEqual(['acme', 'default']);
      const demand = { params, body: { needsSecondFactor: true } };
      expect((await ask('tenants.set', demand)).needsSecondFactor).toBe(true);
      expect((await ask('tenants.pause', { params })).state).toBe('paused');
      expect((await server.send('me.show', { token: boss.accessToken })).statusCode).toBe(401);
      expect((await ask('tenants.resume', { params })).state).toBe('active');
      const gone = await ask('tenants.delete', { params, query: { keepDays: 3 } });
      expect(gone.state).toBe('deleted');
      const days = (Date.parse(gone.purgeAt ?? '') - Date.now()) / 86_400_000;
      expect(Math.round(days)).toBe(3);
    });

    it('counts its pools for metrics', async () => {
      const { body } = await server.app.inject('/metrics');
      for (const pool of ['default', 'extra']) {
        expect(body).toContain(`roc_queue_depth{tenant="default",pool="${pool}"} 0`);
        expect(body).toContain(`roc_oldest_queued_seconds{tenant="default",pool="${pool}"} 0`);
      }
      expect(body).toContain('roc_runners_online{tenant="default",pool="default"} 1');
    });

    it('forgets what has expired, and keeps the rest', async () => {
      const { store } = server.parts;
      const tables = ['idempotency', 'session', 'runner_token', 'runner_assertion'] as const;
      await server.send('pools.create', {
        token: owner,
        headers: { 'idempotency-key': 'k' },
        body: { name: 'p' },
      });
      const count = async () => {
        const rows = await Promise.all(
          tables.map((table) => store.db.selectFrom(table).select('expires_at').execute()),
        );
        return rows.map(({ length }) => length);
      };
      const before = await count();
      expect(Math.min(...before)).toBeGreaterThan(0);
      await purgeExpired(store);
      expect(await count()).toEqual(before);
      for (const table of tables) await store.db.updateTable(table).set({ expires_at: 1 }).execute();
      await purgeExpired(store);
      expect(await count()).toEqual([0, 0, 0, 0]);
    });

    it('left no route out, and met no fault of its own', () => {
      // Its whole way, with a provider, is in test/orchestrator/sso.
      called.add('auth.sso');
      expect(Object.keys(ROUTES).filter((id) => !called.has(id as RouteId))).toEqual([]);
      expect(server.faults).toEqual([]);
    });
  });
}
