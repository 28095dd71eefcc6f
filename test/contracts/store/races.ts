/** Many at once: nothing is given out twice, nothing is lost, and each race has one winner. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isRocError } from '../../../src/kernel/errors.js';
import { FULL_SIGHT } from '../../../src/orchestrator/decide/reach.js';
import { appendLogs } from '../../../src/orchestrator/jobs/append-logs.js';
import { cancel } from '../../../src/orchestrator/jobs/cancel.js';
import { claim } from '../../../src/orchestrator/jobs/claim.js';
import { complete } from '../../../src/orchestrator/jobs/complete.js';
import { heartbeat } from '../../../src/orchestrator/jobs/heartbeat.js';
import { LEASE_MS } from '../../../src/orchestrator/jobs/limits.js';
import { started } from '../../../src/orchestrator/jobs/started.js';
import { promote, reap } from '../../../src/orchestrator/jobs/sweep.js';
import { listJobs } from '../../../src/orchestrator/store/jobs.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { type Engine, size, useFixture, useNodes } from './context.js';
import { drive } from './driver.js';
import type { Fixture, TestRunner } from './fixture.js';

export function racesContract(engine: Engine): void {
  describe('races', () => {
    const fixture = useFixture(engine);
    const node = useNodes(engine, fixture);

    it('8 workers run all jobs, each once', async () => {
      const f = fixture();
      const count = size(80, 4000);
      const accepted: string[] = [];
      const runners = await Promise.all(Array.from({ length: 8 }, (_, at) => f.runner(`r${at}`)));
      const producing = (async () => {
        for (let at = 0; at < count; at++) accepted.push((await f.enqueue({ priority: at % 3 })).id);
      })();
      const runs = await Promise.all(
        runners.map(async (runner, at) => {
          const done: string[] = [];
          for (let idle = 0; idle < 3 || accepted.length < count; idle++) {
            const jobs = await work(node(at), runner, 1 + (at % 3));
            if (jobs.length > 0) idle = 0;
            else await new Promise((resolve) => setTimeout(resolve, 2));
            done.push(...jobs);
          }
          return done;
        }),
      );
      await producing;
      expect(runs.flat().sort()).toEqual([...accepted].sort());
      const { items } = await listJobs(f.store, {
        tenantId: f.tenantId,
        sight: FULL_SIGHT,
        limit: 500,
        state: 'succeeded',
      });
      expect(items).toHaveLength(Math.min(count, 500));
      expect(items.every(({ epoch, attempt }) => epoch === 1 && attempt === 1)).toBe(true);
    });

    it('reap, heartbeat, complete and cancel of one expired lease agree on one outcome', async () => {
      const f = fixture();
      const r = await drive(f, 'r1');
      const count = size(16, 300);
      for (let round = 0; round < count; round++) {
        const { id } = await f.enqueue();
        const lease = await r.run();
        f.clock.advance(LEASE_MS);
        const acts = shuffle(round, [
          () => reap(node(0)),
          () => reap(node(1)),
          () => heartbeat(node(round), { ...r.runner, jobs: [lease] }),
          () => report(node(round + 1), lease),
          () => f.store.transaction((tx) => cancel(tx, f.tenantId, id)),
        ]);
        const results = await Promise.allSettled(acts.map((act) => act()));
        for (const result of results) {
          if (result.status === 'rejected')
            expect(isRocError(result.reason), String(result.reason)).toBe(true);
        }
        const state = await r.state(id);
        const reported = results.some((result) => result.status === 'fulfilled' && isReport(result.value));
        // The report won: its outcome stands. Else the lease was lost: back in the queue, or canceled there.
        if (reported) expect(state).toBe('succeeded');
        else expect(['queued', 'canceling', 'canceled']).toContain(state);
        await settle(f, r.runner);
      }
    });

    it('claim and cancel of a queued job: one of them has it', async () => {
      const f = fixture();
      const r = await drive(f, 'r1');
      for (let round = 0; round < size(12, 200); round++) {
        const { id } = await f.enqueue();
        const acts = shuffle(round, [
          () => claim(node(0), { ...r.runner, slots: 2 }),
          () => node(1).transaction((tx) => cancel(tx, f.tenantId, id)),
        ]);
        await Promise.all(acts.map((act) => act()));
        expect(['canceled', 'canceling']).toContain(await r.state(id));
        await settle(f, r.runner);
      }
    });

    it('many promotions and cancels of due jobs queue or cancel each once', async () => {
      const f = fixture();
      const runAt = f.clock() + 1000;
      const jobs = await Promise.all(Array.from({ length: 12 }, () => f.enqueue({ runAt })));
      f.clock.advance(1000);
      const cancels = jobs
        .slice(0, 4)
        .map(({ id }, at) => node(at).transaction((tx) => cancel(tx, f.tenantId, id)));
      const promoted = await Promise.all(Array.from({ length: 4 }, (_, at) => promote(node(at), 5)));
      await Promise.all(cancels);
      const rest = await promote(f.store);
      expect(promoted.reduce((sum, n) => sum + n, rest)).toBeLessThanOrEqual(12);
      const states = await f.store.db.selectFrom('job').select('state').execute();
      expect(states.map(({ state }) => state).sort()).toEqual([
        ...Array.from({ length: 4 }, () => 'canceled'),
        ...Array.from({ length: 8 }, () => 'queued'),
      ]);
    });

    it('two who open sessions of one runner: the later one has it, the jobs are kept', async () => {
      const f = fixture();
      const r = await drive(f, 'r1');
      await f.enqueue();
      await f.enqueue();
      const leases = [await r.run(), await r.run()];
      const opened = await Promise.all([r.reconnect(leases), r.reconnect(leases), r.reconnect(leases)]);
      expect(opened.every(({ adopt }) => adopt.length === 2)).toBe(true);
      const { session_epoch } = await f.store.db
        .selectFrom('runner')
        .select('session_epoch')
        .executeTakeFirstOrThrow();
      expect(session_epoch).toBe(4);
      const rows = await f.store.db.selectFrom('job_lease').select('session_epoch').execute();
      expect(rows).toEqual([{ session_epoch: 4 }, { session_epoch: 4 }]);
    });
  });
}

/** Claims, starts, logs and completes; returns what it ran. */
async function work(store: Store, runner: TestRunner, slots: number): Promise<string[]> {
  const { offers } = await claim(store, { ...runner, slots });
  for (const { jobId, epoch } of offers) {
    const lease = { jobId, epoch, runnerId: runner.runnerId };
    await started(store, lease);
    await appendLogs(store, lease, [{ seq: 1, at: 0, stream: 'stdout', text: 'ran' }]);
    await report(store, lease);
  }
  return offers.map(({ jobId }) => jobId);
}

function report(store: Store, lease: { jobId: string; epoch: number; runnerId: string }) {
  const resultId = randomUUID();
  return complete(store, { ...lease, resultId, outcome: 'succeeded', output: null, error: null });
}

function isReport(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'state' in value && value.state === 'succeeded';
}

/** Ends whatever the round has left, so that the next begins with an empty queue. */
async function settle(f: Fixture, runner: TestRunner): Promise<void> {
  f.clock.advance(LEASE_MS);
  await reap(f.store);
  for (let left = 1; left > 0; ) left = (await work(f.store, runner, 9)).length;
}

function shuffle<T>(seed: number, items: readonly T[]): T[] {
  return items.map((_, at) => items[(at * 3 + seed) % items.length] as T);
}
