/** Named places, robots and versions, deployments, processes. */

import { describe, expect, it } from 'vitest';
import { FULL_SIGHT } from '../../../src/orchestrator/decide/reach.js';
import { deploy, rollback } from '../../../src/orchestrator/deployments/deploy.js';
import { listDeployments } from '../../../src/orchestrator/store/deployments.js';
import type { Page } from '../../../src/orchestrator/store/page.js';
import { createPlace, listPlaces, listPools, requirePlace } from '../../../src/orchestrator/store/places.js';
import { getProcess, listProcesses, setProcess } from '../../../src/orchestrator/store/processes.js';
import { listRobots } from '../../../src/orchestrator/store/robots.js';
import {
  findVersion,
  getVersion,
  listVersions,
  publishVersion,
  yankVersion,
} from '../../../src/orchestrator/store/versions.js';
import { codeOf, type Engine, useFixture } from './context.js';
import { type Fixture, newVersion } from './fixture.js';

/** Reads a list page by page, two at a time. */
async function all<T>(list: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await list(cursor);
    expect(page.items.length).toBeLessThanOrEqual(2);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return items;
}

export function catalogContract(engine: Engine): void {
  describe('places', () => {
    const fixture = useFixture(engine);

    it('are listed by name, page by page, and only those of the tenant', async () => {
      const { store, tenantId } = fixture();
      for (const name of ['qa', 'a', 'z9']) {
        await store.transaction((tx) => createPlace(tx, 'environment', tenantId, name));
        await store.transaction((tx) => createPlace(tx, 'environment', 'another', name));
      }
      const items = await all((cursor) =>
        listPlaces(store, 'environment', { sight: FULL_SIGHT, tenantId, limit: 2, cursor }),
      );
      expect(items.map(({ name }) => name)).toEqual(['a', 'dev', 'prod', 'qa', 'staging', 'z9']);
    });

    it('take a name once, case counts, and another tenant may have it too', async () => {
      const { store, tenantId } = fixture();
      const create = (tenant: string, name: string) =>
        store.transaction((tx) => createPlace(tx, 'project', tenant, name));
      expect(await codeOf(create(tenantId, 'default'))).toBe('ROC_CONFLICT');
      expect((await create(tenantId, 'Default')).name).toBe('Default');
      expect((await create('another', 'default')).name).toBe('default');
      expect(await codeOf(requirePlace(store, 'project', tenantId, 'none'))).toBe('ROC_NOT_FOUND');
    });

    it('refuse a name that does not fit, instead of cutting it', async () => {
      const { store, tenantId } = fixture();
      const create = store.transaction((tx) => createPlace(tx, 'pool', tenantId, 'x'.repeat(200)));
      if (engine.name === 'mysql') await expect(create).rejects.toThrow(/too long/i);
      else expect((await create).name).toHaveLength(200);
    });

    it('say how many runners a pool has online and how many jobs wait in it', async () => {
      const { store, tenantId, enqueue, runner, clock } = fixture();
      await runner('early');
      clock.advance(50_000);
      await runner('late');
      await enqueue();
      await enqueue();
      const { items } = await listPools(store, { sight: FULL_SIGHT, tenantId, limit: 2, onlineMs: 45_000 });
      expect(items).toMatchObject([{ name: 'default', runnersOnline: 1, queued: 2 }]);
    });

    it('refuse a cursor that no list gave', async () => {
      const { store, tenantId } = fixture();
      for (const cursor of ['', '!!', 'a b']) {
        const list = listPlaces(store, 'pool', { sight: FULL_SIGHT, tenantId, limit: 2, cursor });
        expect(await codeOf(list)).toBe('ROC_INVALID_INPUT');
      }
    });
  });

  describe('robots and versions', () => {
    const fixture = useFixture(engine);
    const publish = (f: Fixture, version: string, change = {}) =>
      f.store.transaction((tx) => publishVersion(tx, { ...newVersion(f.tenantId, version), ...change }));

    it('publish once; the same content again is no change, other content is refused', async () => {
      const f = fixture();
      const first = await publish(f, '2.0.0');
      expect(first).toMatchObject({ created: true, version: '2.0.0', state: 'published', inputs: null });
      const again = await publish(f, '2.0.0', { blobKey: 'another', createdBy: 'somebody' });
      expect(again).toEqual({ ...first, created: false });
      expect(await codeOf(publish(f, '2.0.0', { digest: 'sha256:other' }))).toBe('ROC_VERSION_EXISTS');
      const ref = { tenantId: f.tenantId, project: 'default', robot: 'invoices', version: '2.0.0' };
      expect(await getVersion(f.store, ref)).toMatchObject({ blobKey: 'blob-2.0.0', wrappedKey: 'wrapped' });
    });

    it('tell apart two who publish one version at once', async () => {
      const f = fixture();
      const results = await Promise.allSettled([
        publish(f, '3.0.0', { robot: 'fresh', digest: 'sha256:a' }),
        publish(f, '3.0.0', { robot: 'fresh', digest: 'sha256:b' }),
        publish(f, '3.0.0', { robot: 'fresh', digest: 'sha256:a' }),
      ]);
      const created = results.filter((r) => r.status === 'fulfilled' && r.value.created);
      const refused = results.filter((r) => r.status === 'rejected').map(({ reason }) => reason.code);
      expect(created).toHaveLength(1);
      expect(refused.every((code) => code === 'ROC_VERSION_EXISTS')).toBe(true);
      const { items } = await listVersions(f.store, {
        tenantId: f.tenantId,
        project: 'default',
        robot: 'fresh',
        limit: 9,
      });
      expect(items).toHaveLength(1);
    });

    it('list versions newest first, and a robot with the newest that is not yanked', async () => {
      const f = fixture();
      const ref = { tenantId: f.tenantId, project: 'default', robot: 'invoices' };
      for (const version of ['1.1.0', '1.0.1', '2.0.0-rc.1']) await publish(f, version);
      const versions = await all((cursor) => listVersions(f.store, { ...ref, limit: 2, cursor }));
      expect(versions.map(({ version }) => version)).toEqual(['2.0.0-rc.1', '1.0.1', '1.1.0', '1.0.0']);
      await f.store.transaction((tx) => yankVersion(tx, { ...ref, version: '2.0.0-rc.1' }));
      expect((await getVersion(f.store, { ...ref, version: '2.0.0-rc.1' })).shown.state).toBe('yanked');
      await publish(f, '0.1.0', { robot: 'aardvark' });
      await publish(f, '0.1.0', { robot: 'zebra' });
      const robots = await all((cursor) =>
        listRobots(f.store, { ...ref, sight: FULL_SIGHT, limit: 2, cursor }),
      );
      expect(robots).toMatchObject([
        { name: 'aardvark', latestVersion: '0.1.0', versions: 1 },
        { name: 'invoices', latestVersion: '1.0.1', versions: 4 },
        { name: 'zebra', project: 'default' },
      ]);
      expect(
        await listRobots(f.store, { ...ref, sight: FULL_SIGHT, project: 'none', limit: 2 }),
      ).toMatchObject({ items: [] });
    });

    it('know nothing of another tenant or project', async () => {
      const f = fixture();
      const ref = { tenantId: f.tenantId, project: 'default', robot: 'invoices', version: '1.0.0' };
      expect(await findVersion(f.store, ref)).not.toBeNull();
      expect(await findVersion(f.store, { ...ref, tenantId: 'another' })).toBeNull();
      expect(await findVersion(f.store, { ...ref, project: 'none' })).toBeNull();
      expect(await codeOf(publish(f, '1.0.0', { project: 'none' }))).toBe('ROC_NOT_FOUND');
      expect(await codeOf(listVersions(f.store, { ...ref, robot: 'none', limit: 9 }))).toBe('ROC_NOT_FOUND');
    });
  });

  describe('deployments', () => {
    const fixture = useFixture(engine);
    const target = (f: Fixture, environment = 'dev') => ({
      tenantId: f.tenantId,
      project: 'default',
      robot: 'invoices',
      environment,
      createdBy: 'admin@localhost',
    });
    const back = (f: Fixture, version?: string) =>
      f.store.transaction((tx) => rollback(tx, { ...target(f), version }));
    const yank = (f: Fixture, version: string) =>
      f.store.transaction((tx) => yankVersion(tx, { ...target(f), version }));

    it('are appended; the newest is active, in its own environment', async () => {
      const f = fixture();
      await f.release('1.1.0');
      await f.store.transaction((tx) => deploy(tx, { ...target(f, 'prod'), version: '1.0.0', reason: 'go' }));
      const items = await all((cursor) =>
        listDeployments(f.store, { tenantId: f.tenantId, sight: FULL_SIGHT, limit: 2, cursor }),
      );
      expect(items).toMatchObject([
        { version: '1.0.0', environment: 'prod', active: true, previousVersion: null, reason: 'go' },
        { version: '1.1.0', environment: 'dev', active: true, previousVersion: '1.0.0', kind: 'deploy' },
        { version: '1.0.0', environment: 'dev', active: false, previousVersion: null, reason: null },
      ]);
      const prod = await listDeployments(f.store, {
        tenantId: f.tenantId,
        sight: FULL_SIGHT,
        environment: 'prod',
        limit: 9,
      });
      expect(prod.items).toHaveLength(1);
      expect(
        (await listDeployments(f.store, { sight: FULL_SIGHT, tenantId: 'another', limit: 9 })).items,
      ).toEqual([]);
    });

    it('make a process of the name of the robot, once', async () => {
      const f = fixture();
      const ref = { tenantId: f.tenantId, project: 'default', process: 'invoices' };
      expect(await getProcess(f.store, ref)).toMatchObject({
        robot: 'invoices',
        pool: 'default',
        priority: 5,
        maxAttempts: 1,
        onLost: null,
        timeoutMs: null,
        active: [{ environment: 'dev', version: '1.0.0' }],
      });
      const again = await f.store.transaction((tx) => deploy(tx, { ...target(f, 'prod'), version: '1.0.0' }));
      expect(again.processCreated).toBe(false);
      const first = await f.store.transaction(async (tx) => {
        await publishVersion(tx, { ...newVersion(f.tenantId, '1.0.0'), robot: 'fresh' });
        return deploy(tx, { ...target(f), robot: 'fresh', version: '1.0.0' });
      });
      expect(first.processCreated).toBe(true);
    });

    it('go back to what ran before, and forth again', async () => {
      const f = fixture();
      await f.release('1.1.0');
      expect(await back(f)).toMatchObject({ kind: 'rollback', version: '1.0.0', previousVersion: '1.1.0' });
      expect(await back(f)).toMatchObject({ version: '1.1.0', previousVersion: '1.0.0', active: true });
    });

    it('never go back to the version that runs, nor to a yanked one unasked', async () => {
      const f = fixture();
      expect(await codeOf(back(f))).toBe('ROC_CONFLICT');
      await f.release('1.1.0');
      await f.release('1.2.0');
      await f.store.transaction((tx) => deploy(tx, { ...target(f), version: '1.2.0' }));
      await yank(f, '1.1.0');
      expect(await back(f)).toMatchObject({ version: '1.0.0' });
      expect(await codeOf(back(f, '1.1.0'))).toBe('ROC_CONFLICT');
      expect(await codeOf(back(f, '9.9.9'))).toBe('ROC_NOT_FOUND');
      expect(await back(f, '1.2.0')).toMatchObject({ version: '1.2.0', kind: 'rollback' });
    });

    it('refuse a yanked version and unknown names', async () => {
      const f = fixture();
      const attempt = (change: object) =>
        codeOf(f.store.transaction((tx) => deploy(tx, { ...target(f), version: '1.0.0', ...change })));
      expect(await attempt({ version: '7.0.0' })).toBe('ROC_NOT_FOUND');
      expect(await attempt({ environment: 'moon' })).toBe('ROC_NOT_FOUND');
      expect(await attempt({ robot: 'none' })).toBe('ROC_NOT_FOUND');
      await yank(f, '1.0.0');
      expect(await attempt({})).toBe('ROC_CONFLICT');
    });

    it('keep one order when many are made at once', async () => {
      const f = fixture();
      await Promise.all(
        Array.from({ length: 6 }, () =>
          f.store.transaction((tx) => deploy(tx, { ...target(f), version: '1.0.0' })),
        ),
      );
      const rows = await f.store.db.selectFrom('deployment').select('seq').orderBy('seq').execute();
      expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7]);
      const { items } = await listDeployments(f.store, {
        tenantId: f.tenantId,
        sight: FULL_SIGHT,
        limit: 99,
      });
      expect(items.filter(({ active }) => active)).toHaveLength(1);
    });
  });

  describe('processes', () => {
    const fixture = useFixture(engine);

    it('are made with defaults and changed field by field', async () => {
      const { store, tenantId } = fixture();
      const ref = { tenantId, project: 'default', process: 'nightly' };
      const set = (settings: object) => store.transaction((tx) => setProcess(tx, ref, settings));
      expect(await codeOf(set({}))).toBe('ROC_NOT_FOUND');
      const made = await set({ robot: 'invoices', priority: 0 });
      expect(made).toMatchObject({ name: 'nightly', robot: 'invoices', priority: 0, maxAttempts: 1 });
      const changed = await set({ maxAttempts: 4, onLost: 'fail', timeoutMs: 5000 });
      expect(changed).toEqual({ ...made, maxAttempts: 4, onLost: 'fail', timeoutMs: 5000 });
      expect(await set({ onLost: null, timeoutMs: null })).toEqual({ ...made, maxAttempts: 4 });
      expect(await set({})).toEqual({ ...made, maxAttempts: 4 });
      expect(await codeOf(set({ pool: 'none' }))).toBe('ROC_NOT_FOUND');
      expect(await codeOf(set({ robot: 'none' }))).toBe('ROC_NOT_FOUND');
    });

    it('are listed by name, page by page, with what they run where', async () => {
      const { store, tenantId } = fixture();
      for (const process of ['a', 'b', 'z']) {
        const ref = { tenantId, project: 'default', process };
        await store.transaction((tx) => setProcess(tx, ref, { robot: 'invoices' }));
      }
      const items = await all((cursor) =>
        listProcesses(store, { sight: FULL_SIGHT, tenantId, limit: 2, cursor }),
      );
      expect(items.map(({ name }) => name)).toEqual(['a', 'b', 'invoices', 'z']);
      expect(items.every(({ active }) => active[0]?.version === '1.0.0')).toBe(true);
      const none = await listProcesses(store, { sight: FULL_SIGHT, tenantId, project: 'none', limit: 2 });
      expect(none.items).toEqual([]);
    });
  });
}
