/** Whole runs on an account in memory: killed after every line, with faults, interrupted; nothing is ever left or wrongly deleted. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR } from '../../src/kernel/time.js';
import type { Fault } from '../helpers/backup/memory-cloud.js';
import { createLaboratory, type Laboratory, pass, RUN, TEST_ID } from '../helpers/backup/run-in-memory.js';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';

/** Nothing of the run is left, what was there before is, and only what carried the run's tags was ever deleted. */
function expectNothingLeft(lab: Laboratory): void {
  lab.time += HOUR;
  void lab.world.cloud.instance(TEST_ID);
  expect([...lab.world.instances.keys()].sort()).toEqual(['roc-v-mine', 'shop-prod']);
  expect([...lab.world.groups.keys()]).toEqual([]);
  expectOnlyOursDeleted(lab);
}

function expectOnlyOursDeleted(lab: Laboratory): void {
  for (const { id, tags } of lab.world.deletes) {
    expect(id).toBe(TEST_ID);
    // A second request for what is gone already finds no tags, and nothing to delete.
    if (Object.keys(tags).length > 0)
      expect(tags).toMatchObject({ 'roc:managed': 'restore-test', 'roc:run': RUN });
  }
}

describe('a run', () => {
  it('restores, checks, cleans up and signs', async () => {
    const lab = createLaboratory();
    const state = await lab.begin();
    expect(state).toMatchObject({
      phase: 'published',
      verdict: 'pass',
      reasons: [],
      cleanup: { verdict: 'done', leftovers: [], goneAt: expect.stringMatching(/Z$/) },
      evidence: { file: `${RUN}.json` },
    });
    expect(
      state.timeline.flatMap(({ event, detail }) => (event === 'status' ? [detail['status']] : [])),
    ).toEqual(expect.arrayContaining(['creating', 'backing-up', 'available']));
    expectNothingLeft(lab);
  });

  it('asks for an isolated copy without backups, protection or the tags of its source', async () => {
    const lab = createLaboratory();
    await lab.begin();
    expect(lab.world.restores).toHaveLength(1);
    expect(lab.world.restores[0]).toMatchObject({
      id: TEST_ID,
      subnetGroup: 'isolated',
      securityGroups: ['sg-1'],
      parameterGroup: TEST_ID,
      backupRetentionDays: 0,
      deletionProtection: false,
      multiAz: false,
      tags: {
        'roc:managed': 'restore-test',
        'roc:run': RUN,
        'roc:source': 'shop-prod',
        'roc:expires': '2026-11-22T08:15:00.000Z',
        'roc:owner': 'ana',
      },
    });
  });

  it('keeps no password in its journal', async () => {
    const lab = createLaboratory();
    const passwords: string[] = [];
    const modify = lab.world.cloud.modify;
    Object.assign(lab.world.cloud, {
      modify: (id: string, change: { masterPassword?: string }) => {
        if (change.masterPassword !== undefined) passwords.push(change.masterPassword);
        return modify(id, change);
      },
    });
    await lab.begin();
    expect(passwords).toHaveLength(1);
    expect(passwords[0]).toHaveLength(32);
    expect(lab.text).not.toContain(passwords[0]);
  });

  it.each([
    ['fail', 'fail'],
    ['inconclusive', 'inconclusive'],
  ] as const)(
    'a check that says %s makes the run %s, and it cleans up all the same',
    async (verdict, expected) => {
      const lab = createLaboratory();
      lab.results = [pass('schema'), pass('tables', { verdict, actual: 'chunk 3 differs' })];
      const state = await lab.begin();
      expect(state).toMatchObject({
        verdict: expected,
        reasons: [expect.stringContaining('tables: chunk 3 differs')],
      });
      expectNothingLeft(lab);
    },
  );

  it('a check that never came is inconclusive', async () => {
    const lab = createLaboratory();
    lab.results = [pass('schema')];
    expect(await lab.begin()).toMatchObject({
      verdict: 'inconclusive',
      reasons: ['tables: it never ran', expect.stringContaining('rto')],
    });
  });

  it('takes off a protection that the copy inherited, and then deletes it', async () => {
    const lab = createLaboratory();
    lab.world.protect = true;
    expect(await lab.begin()).toMatchObject({ verdict: 'pass', cleanup: { verdict: 'done' } });
    expectNothingLeft(lab);
  });

  it('keeps a failed copy where it is asked to, until the sweeper comes', async () => {
    const lab = createLaboratory();
    lab.results = [pass('schema', { verdict: 'fail' }), pass('tables')];
    const state = await lab.begin(undefined, { keepOnFailure: 20 * HOUR });
    expect(state.cleanup).toEqual({ verdict: 'kept', leftovers: [TEST_ID], goneAt: null });
    lab.time += 10 * HOUR;
    expect(await lab.sweep()).toContainEqual(
      expect.objectContaining({ id: TEST_ID, outcome: 'left', why: ['not-expired'] }),
    );
    lab.time += 11 * HOUR;
    await lab.sweep();
    expectNothingLeft(lab);
  });

  it('the sweeper asks again whether somebody drives the run: it may be resumed after the list was made', async () => {
    const lab = createLaboratory();
    lab.killAt = { line: 12, when: 'after' };
    await expect(lab.begin()).rejects.toThrow();
    lab.time += 9 * HOUR;
    let asked = 0;
    lab.isLive = () => asked++ > 0;
    expect(await lab.sweep()).toContainEqual(
      expect.objectContaining({ id: TEST_ID, outcome: 'failed', why: ['it changed meanwhile: live'] }),
    );
    expect(lab.world.deletes).toEqual([]);
  });
});

describe('what may go wrong', () => {
  it.each([
    ['restore-error', 'fail'],
    ['inaccessible-encryption-credentials-recoverable', 'fail'],
    ['failed', 'fail'],
    ['storage-full', 'inconclusive'],
    ['insufficient-capacity', 'inconclusive'],
    ['incompatible-network', 'inconclusive'],
  ])('a copy that ends as %s: %s, with what RDS told, and cleaned up', async (end, verdict) => {
    const lab = createLaboratory();
    lab.world.end = end;
    // The way to a copy that never gets well is never there.
    lab.brokenWays = Number.POSITIVE_INFINITY;
    const state = await lab.begin();
    expect(state).toMatchObject({ verdict, trouble: { message: `the copy ended as ${end}` } });
    expect(state.timeline).toContainEqual(
      expect.objectContaining({ event: 'status', detail: { status: end, detail: 'an event' } }),
    );
    expectNothingLeft(lab);
  });

  it('a snapshot that has gone: the next is restored, and the run fails all the same', async () => {
    const lab = createLaboratory();
    lab.world.refusals.push('DBSnapshotNotFound');
    const state = await lab.begin();
    expect(state).toMatchObject({ verdict: 'fail', point: { id: 'snap-5' } });
    expect(state.checks).toContainEqual(
      expect.objectContaining({ id: 'point-1', verdict: 'fail', expected: 'snap-1 restorable' }),
    );
    expect(state.deviations.join()).toMatch(/restored snap-5 instead/);
    expectNothingLeft(lab);
  });

  it('no capacity: the other class, once, and said so', async () => {
    const lab = createLaboratory();
    lab.world.refusals.push('InsufficientDBInstanceCapacity');
    expect(await lab.begin()).toMatchObject({ verdict: 'pass', class: 'db.t3.medium' });
    const other = createLaboratory();
    other.world.refusals.push('InsufficientDBInstanceCapacity', 'InsufficientDBInstanceCapacity');
    expect(await other.begin()).toMatchObject({ verdict: 'inconclusive' });
    expectNothingLeft(other);
  });

  it('a key that is disabled fails before anything is made', async () => {
    const lab = createLaboratory();
    lab.world.keys.set('key-1', 'PendingDeletion');
    expect(await lab.begin()).toMatchObject({
      verdict: 'fail',
      cleanup: { verdict: 'nothing-to-do' },
      reasons: expect.arrayContaining([expect.stringContaining('preflight-key: PendingDeletion')]),
    });
    expect(lab.world.restores).toEqual([]);
    expectNothingLeft(lab);
  });

  it('a group that is open to all is no place for a copy', async () => {
    const lab = createLaboratory();
    const plan = lab.plan();
    const state = await lab.begin(undefined, {
      placement: { ...plan.placement, securityGroups: ['sg-0bad'] },
    });
    expect(state.verdict).toBe('inconclusive');
    expect(lab.world.restores).toEqual([]);
  });

  it('an instance of the same name that is not ours is left alone', async () => {
    const lab = createLaboratory();
    const foreign = {
      ...lab.world.instances.get('shop-prod')!,
      facts: { ...lab.world.instances.get('shop-prod')!.facts, id: TEST_ID },
    };
    lab.world.instances.set(TEST_ID, foreign);
    const state = await lab.begin();
    expect(state).toMatchObject({
      verdict: 'inconclusive',
      cleanup: { verdict: 'failed', leftovers: [TEST_ID] },
    });
    expect(lab.world.instances.has(TEST_ID)).toBe(true);
    expect(lab.world.deletes.filter(({ tags }) => tags['roc:run'] === undefined)).toEqual([]);
  });

  it('credentials that expire while it waits: it stands still, and goes on when resumed', async () => {
    const lab = createLaboratory();
    let looks = 0;
    lab.world.fault = (call) => (call === 'instance' && ++looks > 6 ? 'expired' : 'none');
    await expect(lab.begin()).rejects.toMatchObject({
      code: 'ROC_RESUMABLE',
      exitCode: 75,
      hint: expect.stringContaining(`roc backup resume ${RUN}`),
    });
    expect(lab.world.instances.has(TEST_ID)).toBe(true);
    lab.world.fault = () => 'none';
    const state = await lab.resume();
    expect(state).toMatchObject({ phase: 'published', cleanup: { verdict: 'done' } });
    // Nobody drove it for a while: the time says nothing.
    expect(state.checks.find(({ id }) => id === 'rto')).toMatchObject({ verdict: 'inconclusive' });
    expectNothingLeft(lab);
  });

  it('a host that slept, or whose clock was set: the measured time proves nothing, and it is said', async () => {
    const lab = createLaboratory();
    let waits = 0;
    lab.onSleep = () => {
      if (++waits === 3) lab.jump = HOUR;
    };
    const state = await lab.begin();
    expect(state.deviations).toEqual(['the clock of the host jumped by 3600000 ms']);
    expect(state.checks.find(({ id }) => id === 'rto')).toMatchObject({ verdict: 'inconclusive' });
    expectNothingLeft(lab);
  });

  it('a host that sleeps while the critical checks run proves no time either', async () => {
    const lab = createLaboratory();
    lab.onCheck = () => {
      lab.jump = HOUR;
    };
    const state = await lab.begin();
    expect(state.checks.find(({ id }) => id === 'rto')).toMatchObject({ verdict: 'inconclusive' });
  });

  it('AWS that throttles and drops replies for an hour is waited out', async () => {
    const lab = createLaboratory();
    let n = 0;
    lab.world.fault = () => (['throttled', 'lost-reply', 'unreachable'] as const)[n++ % 13] ?? 'none';
    expect(await lab.begin()).toMatchObject({ phase: 'published', verdict: 'pass' });
    expectNothingLeft(lab);
  });

  it('a delete that is refused for ever is a failed cleanup, never a pass without a word', async () => {
    const lab = createLaboratory();
    Object.assign(lab.world.cloud, { remove: () => Promise.reject(Object.assign(new Error('no'), {})) });
    const state = await lab.begin();
    expect(state.cleanup).toMatchObject({ verdict: 'failed', leftovers: [TEST_ID] });
  });
});

describe('stopped', () => {
  it.each([1, 3, 10, 20, 30])('Ctrl-C in wait %i: inconclusive, cleaned up, signed', async (wait) => {
    const lab = createLaboratory();
    const controller = new AbortController();
    let waits = 0;
    lab.onSleep = () => void (++waits === wait && controller.abort());
    const state = await lab.begin(controller.signal);
    expect(state).toMatchObject({ phase: 'published' });
    if (waits >= wait && state.trouble !== null)
      expect(state).toMatchObject({ verdict: 'inconclusive', trouble: { code: 'ROC_INTERRUPTED' } });
    expectNothingLeft(lab);
  });

  const linesOfAWholeRun = async () => {
    const lab = createLaboratory();
    await lab.begin();
    return lab.text.trimEnd().split('\n').length;
  };

  it('killed before and after every line of its journal, then resumed: nothing left', async () => {
    const lines = await linesOfAWholeRun();
    expect(lines).toBeGreaterThan(20);
    for (let line = 1; line <= lines; line++)
      for (const when of ['before', 'after'] as const) {
        const lab = createLaboratory();
        lab.killAt = { line, when };
        await expect(lab.begin()).rejects.toThrow();
        lab.killAt = null;
        if (lab.text !== '') expect((await lab.resume()).phase).toBe('published');
        expectNothingLeft(lab);
      }
  });

  it('killed at every line, then only swept: nothing left once it has expired', async () => {
    const lines = await linesOfAWholeRun();
    for (let line = 1; line <= lines; line++) {
      const lab = createLaboratory();
      lab.killAt = { line, when: 'after' };
      await expect(lab.begin()).rejects.toThrow();
      const early = await lab.sweep();
      expect(early.filter(({ outcome }) => outcome === 'deleted')).toEqual([]);
      lab.time += 9 * HOUR;
      await lab.sweep();
      expectNothingLeft(lab);
    }
  });

  it('killed again and again, with faults, always ends with nothing left and nothing foreign deleted', async () => {
    const faults: Fault[] = ['none', 'none', 'none', 'throttled', 'unreachable', 'lost-reply', 'expired'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom('before', 'after')), {
          maxLength: 4,
        }),
        fc.array(fc.constantFrom(...faults), { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        async (kills, plan, protect) => {
          const lab = createLaboratory();
          lab.world.protect = protect;
          let calls = 0;
          lab.world.fault = () => plan[calls++ % plan.length] ?? 'none';
          let from = 0;
          let start = () => lab.begin();
          for (const [more, when] of kills) {
            from += more;
            lab.killAt = { line: from, when: when as 'before' | 'after' };
            await start().catch(() => {});
            from = Math.max(0, lab.text.split('\n').length - 1);
            start = lab.text === '' ? () => lab.begin() : () => lab.resume();
          }
          lab.killAt = null;
          await start().catch(() => {});
          lab.world.fault = () => 'none';
          expectOnlyOursDeleted(lab);
          if (lab.text !== '') {
            const state = await lab.resume();
            expect(state.phase).toBe('published');
            expect(state.cleanup?.verdict).not.toBe(null);
          }
          // A cleanup that was given up as failed is the sweeper's.
          lab.time += 12 * HOUR;
          await lab.sweep();
          expectNothingLeft(lab);
        },
      ),
      { numRuns: isLong ? 3000 : 150, seed: 5 },
    );
  });
});
