/** People and their sessions, one-time tokens, used assertions, replies to repeated requests. */
import { describe, expect, it } from 'vitest';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { removeRunner } from '../../../src/orchestrator/jobs/sessions.js';
import { findGrants, insertGrant } from '../../../src/orchestrator/store/grants.js';
import { findReply, KeyTaken, keepReply, takeKeys } from '../../../src/orchestrator/store/idempotency.js';
import { findLink, insertLink, useLink } from '../../../src/orchestrator/store/links.js';
import { requirePlace } from '../../../src/orchestrator/store/places.js';
import { purgeTenants } from '../../../src/orchestrator/store/purge-tenants.js';
import { countHolders, insertRole } from '../../../src/orchestrator/store/roles.js';
import { getRunner, listRunners } from '../../../src/orchestrator/store/runner-list.js';
import {
  insertRunnerToken,
  rememberAssertion,
  useRunnerToken,
} from '../../../src/orchestrator/store/runner-tokens.js';
import { findRunner } from '../../../src/orchestrator/store/runners.js';
import {
  confirmSecondFactor,
  insertSecondFactor,
  takeRecoveryCode,
  takeStep,
} from '../../../src/orchestrator/store/second-factors.js';
import {
  findSession,
  insertSession,
  lockSession,
  revokeSession,
  rotateSession,
} from '../../../src/orchestrator/store/sessions.js';
import { giveBackTry, takeTry } from '../../../src/orchestrator/store/sign-in-buckets.js';
import { getTenant, insertTenant, setTenantState } from '../../../src/orchestrator/store/tenant-rows.js';
import {
  findUser,
  findUserByEmail,
  grantRole,
  insertUser,
  listMemberships,
} from '../../../src/orchestrator/store/users.js';
import { codeOf, type Engine, useFixture } from './context.js';
import { drive } from './driver.js';
import type { Fixture } from './fixture.js';

const SESSION = '01HZZZZZZZZZZZZZZZZZZZZZZZ';

export function identityContract(engine: Engine): void {
  describe('users', () => {
    const fixture = useFixture(engine);

    it('are one for all spellings of an address', async () => {
      const { store } = fixture();
      const add = (email: string) =>
        store.transaction((tx) => insertUser(tx, { email, passwordHash: 'hash' }));
      const id = await add(' Ana@Example.com');
      expect(await findUserByEmail(store, 'ANA@example.COM ')).toMatchObject({
        id,
        email: 'Ana@Example.com',
        isDisabled: false,
      });
      expect(await codeOf(add('ana@EXAMPLE.com'))).toBe('ROC_CONFLICT');
      // Full-width letters are another spelling of the same ones; a Cyrillic a is another letter.
      expect(await codeOf(add('ａｎａ@example.com'))).toBe('ROC_CONFLICT');
      expect(await add('аna@example.com')).not.toBe(id);
      expect(await findUser(store, id)).toMatchObject({ passwordHash: 'hash' });
      expect(await findUser(store, 'nobody')).toBeNull();
    });

    it('have their roles in each tenant, each once', async () => {
      const { store, tenantId } = fixture();
      const id = await store.transaction(async (tx) => {
        const user = await insertUser(tx, { email: 'ana@example.com', passwordHash: null });
        for (const role of ['viewer', 'operator', 'viewer']) await grantRole(tx, tenantId, user, role);
        return user;
      });
      expect(await listMemberships(store, id)).toEqual([
        { tenantId, tenant: 'default', roles: ['operator', 'viewer'] },
      ]);
      expect(await listMemberships(store, 'nobody')).toEqual([]);
    });
  });

  describe('tries to sign in', () => {
    const fixture = useFixture(engine);
    const bucket = (name: string) => ({ name, rate: { burst: 5, refillMs: 1000 } });

    it('are counted exactly, by many at once, and come back with time', async () => {
      const { store, clock } = fixture();
      const tries = Array.from({ length: 12 }, () => takeTry(store, [bucket('a'), bucket('b')]));
      expect((await Promise.all(tries)).filter((waitMs) => waitMs === 0)).toHaveLength(5);
      clock.advance(1000);
      expect(await takeTry(store, [bucket('b'), bucket('a')])).toBe(0);
      expect(await takeTry(store, [bucket('a')])).toBe(1000);
      await giveBackTry(store, [bucket('a')]);
      expect(await takeTry(store, [bucket('a')])).toBe(0);
      expect(await takeTry(store, [bucket('other')])).toBe(0);
    });
  });

  describe('one-time links and second factors', () => {
    const fixture = useFixture(engine);

    it('are used once, also by many at once, and not after their time', async () => {
      const { store, tenantId, clock } = fixture();
      const link = {
        kind: 'invite',
        tenant_id: tenantId,
        user_id: null,
        email: 'a@x',
        role: 'viewer',
      } as const;
      const about = { scope_kind: 'tenant', scope_id: '', created_by: 'ana' } as const;
      const make = (token_hash: string) =>
        store.transaction((tx) => insertLink(tx, { ...link, ...about, token_hash, lifeMs: 1000 }));
      const { id } = await make('one');
      expect((await findLink(store, 'one'))?.id).toBe(id);
      const uses = [1, 2, 3].map(() => store.transaction((tx) => useLink(tx, id)));
      expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
      expect(await findLink(store, 'one')).toBeNull();
      const late = await make('two');
      clock.advance(1000);
      expect(await findLink(store, 'two')).toBeNull();
      expect(await store.transaction((tx) => useLink(tx, late.id))).toBe(false);
    });

    it('take no step twice, and none before the last', async () => {
      const { store } = fixture();
      const factor = { user_id: 'ana', secret: 's', wrapped_key: 'w' };
      await store.transaction((tx) => insertSecondFactor(tx, factor));
      const take = (step: number) => store.transaction((tx) => takeStep(tx, 'ana', step));
      expect((await Promise.all([take(7), take(7), take(7)])).filter(Boolean)).toHaveLength(1);
      expect(await take(6)).toBe(false);
      expect(await take(8)).toBe(true);
      await store.transaction((tx) => confirmSecondFactor(tx, 'ana', ['code']));
      const use = () => store.transaction((tx) => takeRecoveryCode(tx, 'ana', 'code'));
      expect((await Promise.all([use(), use()])).filter(Boolean)).toHaveLength(1);
    });
  });

  describe('grants', () => {
    const fixture = useFixture(engine);

    it('add up from built-in and own roles, and name what is no more no longer', async () => {
      const { store, tenantId } = fixture();
      const about = { tenantId, userId: 'ana', source: 'hand', createdBy: 'roc' } as const;
      const scope = { kind: 'process', projectId: 'p', processId: 'gone' } as const;
      await store.transaction(async (tx) => {
        const permissions = ['jobs:read'] as const;
        expect(await insertRole(tx, { tenantId, name: 'own', permissions, createdBy: 'roc' })).toBe(true);
        for (const role of ['own', 'viewer', 'own']) {
          await insertGrant(tx, { ...about, role, scope: { kind: 'tenant' } });
        }
        await insertGrant(tx, { ...about, role: 'owner', scope });
      });
      const grants = await findGrants(store, { tenantId, tenant: 'default', userId: 'ana' });
      expect(grants.map(({ role }) => role)).toEqual(['own', 'viewer']);
      expect([...(grants[0]?.permissions ?? [])]).toEqual(['jobs:read']);
      expect(await countHolders(store, tenantId)).toEqual(
        new Map([
          ['own', 1],
          ['owner', 2],
          ['viewer', 1],
        ]),
      );
    });
  });

  describe('a tenant whose time is over', () => {
    const fixture = useFixture(engine);

    it('is emptied, and no other', async () => {
      const { store, clock } = fixture();
      const id = await store.transaction(async (tx) => (await insertTenant(tx, 'acme')) ?? '');
      await store.transaction((tx) => setTenantState(tx, id, 'deleted', clock() + 1000));
      const blobs = { delete: async () => {} } as never;
      expect(await purgeTenants(store, blobs)).toBe(0);
      clock.advance(1000);
      expect(await purgeTenants(store, blobs)).toBe(1);
      expect((await getTenant(store, 'acme')).state).toBe('purged');
      const left = await store.db.selectFrom('project').select('tenant_id').execute();
      expect(left.map(({ tenant_id }) => tenant_id)).not.toContain(id);
      expect(left.length).toBeGreaterThan(0);
    });
  });

  describe('sessions', () => {
    const fixture = useFixture(engine);
    const begin = ({ store, tenantId }: Fixture, id = SESSION) =>
      store.transaction((tx) =>
        insertSession(tx, { id, tenantId, userId: 'user', refreshHash: `${id} 1`, lifeMs: 1000 }),
      );
    const rotate = ({ store }: Fixture, from: string, to: string) =>
      store.transaction((tx) => rotateSession(tx, { id: SESSION, from, to, lifeMs: 1000 }));

    it('rotate from the newest token only, and remember the one before', async () => {
      const f = fixture();
      const first = await begin(f);
      expect(await findSession(f.store, SESSION)).toEqual(first);
      f.clock.advance(10);
      expect(await rotate(f, `${SESSION} 1`, 'two')).toBe(true);
      expect(await rotate(f, `${SESSION} 1`, 'three')).toBe(false);
      const now = f.clock();
      expect(await f.store.transaction((tx) => lockSession(tx, SESSION))).toEqual({
        ...first,
        refreshHash: 'two',
        previousHash: `${SESSION} 1`,
        rotatedAt: now,
        expiresAt: now + 1000,
      });
    });

    it('rotate once for two who come together', async () => {
      const f = fixture();
      await begin(f);
      const won = await Promise.all(['a', 'b', 'c'].map((to) => rotate(f, `${SESSION} 1`, to)));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it('end for good', async () => {
      const f = fixture();
      await begin(f);
      await f.store.transaction((tx) => revokeSession(tx, SESSION));
      const at = f.clock();
      f.clock.advance(5);
      await f.store.transaction((tx) => revokeSession(tx, SESSION));
      expect((await findSession(f.store, SESSION))?.revokedAt).toBe(at);
      expect(await rotate(f, `${SESSION} 1`, 'two')).toBe(false);
      expect(await findSession(f.store, 'none')).toBeNull();
    });
  });

  describe('runners', () => {
    const fixture = useFixture(engine);

    it('register with a token that works once, also for many at once, and not after its time', async () => {
      const { store, tenantId, clock } = fixture();
      const poolId = await requirePlace(store, 'pool', tenantId, 'default');
      const add = (tokenHash: string) =>
        store.transaction((tx) =>
          insertRunnerToken(tx, { tenantId, poolId, tokenHash, createdBy: 'admin', lifeMs: 1000 }),
        );
      const use = (tokenHash: string) => store.transaction((tx) => useRunnerToken(tx, tokenHash));
      expect((await add('one')).expiresAt).toBe(clock() + 1000);
      await add('two');
      const uses = await Promise.allSettled(Array.from({ length: 8 }, () => use('one')));
      expect(uses.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await codeOf(use('one'))).toBe('ROC_UNAUTHENTICATED');
      expect(await codeOf(use('none'))).toBe('ROC_UNAUTHENTICATED');
      clock.advance(1000);
      expect(await codeOf(use('two'))).toBe('ROC_UNAUTHENTICATED');
    });

    it('have names of their own; a refused registration spends no token', async () => {
      const { store, runner } = fixture();
      await runner('r1');
      await store.db.deleteFrom('runner_token').execute();
      expect(await codeOf(runner('r1'))).toBe('ROC_CONFLICT');
      const tokens = await store.db.selectFrom('runner_token').selectAll().execute();
      expect(tokens).toMatchObject([{ used_at: null }]);
    });

    it('are listed with what they do', async () => {
      const f = fixture();
      const r = await drive(f, 'r1');
      await f.runner('a2', { os: 'windows' });
      await f.enqueue();
      await r.claim();
      const query = { tenantId: f.tenantId, onlineMs: 45_000, limit: 1 };
      const first = await listRunners(f.store, query);
      expect(first.items).toMatchObject([{ name: 'a2', state: 'online', busy: 0, os: 'windows' }]);
      const second = await listRunners(f.store, { ...query, cursor: first.nextCursor ?? '' });
      expect(second).toMatchObject({
        items: [{ name: 'r1', pool: 'default', busy: 1, slots: 4, labels: {} }],
        nextCursor: null,
      });
      f.clock.advance(45_001);
      expect((await listRunners(f.store, query)).items).toMatchObject([{ state: 'offline' }]);
      const id = r.runner.runnerId;
      const other = { tenantId: 'another', onlineMs: 45_000 };
      expect((await listRunners(f.store, { ...other, limit: 9 })).items).toEqual([]);
      expect(await codeOf(getRunner(f.store, { ...other, id }))).toBe('ROC_NOT_FOUND');
    });

    it('are forgotten with their leases when removed, by their own tenant only', async () => {
      const f = fixture();
      const r = await drive(f);
      const begun = await f.enqueue();
      await r.run();
      const offered = await f.enqueue();
      await r.claim();
      const remove = (tenantId: string) =>
        f.store.transaction((tx) => removeRunner(tx, tenantId, r.runner.runnerId));
      expect(await codeOf(remove('another'))).toBe('ROC_NOT_FOUND');
      await remove(f.tenantId);
      expect(await findRunner(f.store, r.runner.runnerId)).toBeNull();
      expect(await codeOf(claim(f.store, { ...r.runner, slots: 1 }))).toBe('ROC_UNAUTHENTICATED');
      expect([await r.state(begun.id), await r.state(offered.id)]).toEqual(['queued', 'queued']);
    });

    it('use an assertion once', async () => {
      const { store, clock } = fixture();
      const use = (runnerId: string, jti: string) =>
        rememberAssertion(store, { runnerId, jti, expiresAt: clock() + 60_000 });
      const uses = await Promise.all(Array.from({ length: 5 }, () => use('r1', 'x')));
      expect(uses.filter(Boolean)).toHaveLength(1);
      expect(await use('r2', 'x')).toBe(true);
      expect(await use('r1', 'X')).toBe(true);
    });
  });

  describe('repeated requests', () => {
    const fixture = useFixture(engine);
    const key = { tenantId: 'tenant', route: 'jobs.start', key: 'key-1' };
    const taken = { requestHash: 'h1', status: 201, keepMs: 5000 };
    const answer = { status: 201, body: '{"id":1}', resourceId: null };

    /** Works under the key, or rolls back where it is taken. */
    const work = (f: Fixture, { requestHash = 'h1', body = '{"id":1}' } = {}) =>
      f.store
        .transaction(async (tx) => {
          await takeKeys(tx, [{ ...key, ...taken, requestHash }]);
          await keepReply(tx, key, { body });
          return 'done';
        })
        .catch((error: unknown) => (error instanceof KeyTaken ? 'taken' : String(error)));

    it('are told the reply, until its time is over', async () => {
      const f = fixture();
      expect(await findReply(f.store, key)).toBeNull();
      expect(await work(f)).toBe('done');
      expect(await work(f, { requestHash: 'h2' })).toBe('taken');
      expect(await findReply(f.store, key)).toEqual({ ...answer, requestHash: 'h1' });
      f.clock.advance(5000);
      expect(await work(f, { requestHash: 'h3' })).toBe('done');
      expect(await findReply(f.store, key)).toEqual({ ...answer, requestHash: 'h3' });
    });

    it('get their key once when they come together', async () => {
      const f = fixture();
      const ends = await Promise.all(Array.from({ length: 6 }, (_, n) => work(f, { body: String(n) })));
      expect(ends.sort()).toEqual(['done', ...Array.from({ length: 5 }, () => 'taken')]);
    });

    it('keep the reply with the work or not at all', async () => {
      const f = fixture();
      const failed = f.store.transaction(async (tx) => {
        await takeKeys(tx, [{ ...key, ...taken }]);
        await keepReply(tx, key, { body: '{}' });
        throw new TypeError('the work failed');
      });
      await expect(failed).rejects.toThrow('the work failed');
      expect(await findReply(f.store, key)).toBeNull();
      expect(await work(f)).toBe('done');
    });

    it('are told what was made where the reply was a secret', async () => {
      const f = fixture();
      await f.store.transaction(async (tx) => {
        await takeKeys(tx, [{ ...key, ...taken }]);
        await keepReply(tx, key, { resourceId: 'id-1' });
      });
      expect(await findReply(f.store, key)).toMatchObject({ body: null, resourceId: 'id-1' });
    });

    it('are told apart by tenant and route', async () => {
      const f = fixture();
      expect(await work(f)).toBe('done');
      for (const other of [{ tenantId: 'other' }, { route: 'other' }, { key: 'KEY-1' }]) {
        await f.store.transaction((tx) => takeKeys(tx, [{ ...key, ...taken, ...other }]));
        expect(await findReply(f.store, { ...key, ...other })).not.toBeNull();
      }
    });
  });
}
