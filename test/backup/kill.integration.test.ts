/** `kill -9` of a verification in every phase, then `resume` or `sweep`: nothing is left, production is untouched. Fake RDS, real databases. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { SweptThing, VerifyResult } from '../../src/backup/answers.js';
import { type BackupWorld, startBackupWorld } from '../helpers/backup/backup-world.js';
import { describeWith } from '../helpers/parts.js';
import { until } from '../helpers/until.js';

/** Where in the journal the process is killed: the nth line of a type. */
const PLACES: readonly [what: string, type: string, nth: number][] = [
  ['after the plan', 'planned', 1],
  ['after the preflight', 'preflight-passed', 1],
  ['before the group is copied', 'intent', 1],
  ['before the restore is asked for', 'intent', 2],
  ['after the restore was asked for', 'result', 2],
  ['while the copy is made', 'status', 1],
  ['once it answers', 'reachable', 1],
  ['before the password is set', 'intent', 3],
  ['once signed in', 'signed-in', 1],
  ['among the checks', 'check-done', 4],
  ['after the checks', 'checks-done', 1],
  ['after the verdict', 'judged', 1],
  ['before the delete', 'intent', 4],
  ['after the delete was asked for', 'result', 4],
  ['once all is gone', 'cleaned', 1],
  ['once signed', 'signed', 1],
];
const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const RESUMED = isLong
  ? PLACES
  : PLACES.filter(([, type, nth]) => /^(intent2|status1|check-done4|intent4|signed1)$/.test(type + nth));
const SWEPT = isLong ? PLACES : PLACES.filter(([, type, nth]) => /^(intent2|signed-in1)$/.test(type + nth));

describeWith(
  ['mariadbd', 'openssl', 'aws', 'botocore'],
  'kill -9 of backup verify (fake RDS, real databases)',
  () => {
    let world: BackupWorld;
    let snapshot: string;
    beforeAll(async () => {
      world = await startBackupWorld();
      snapshot = (await world.roc(['run', '--json'])).json<{ snapshot: string }>().snapshot;
    });
    afterEach(() => {
      world.proxy.hold = null;
      world.setPolicy();
      const foreign = world.proxy.changes.filter(
        (line) => /^(Delete|Modify)/.test(line) && !/ roc-v-|^DeleteDBParameterGroup$/.test(line),
      );
      expect(foreign).toEqual([]);
    });
    afterAll(async () => {
      expect([...world.proxy.problems, ...world.proxy.vault.problems]).toEqual([]);
      await world.close();
    });

    const folder = () => join(world.dir, '.roc/backup/runs');
    const runs = () => (existsSync(folder()) ? readdirSync(folder()) : []);
    const newRun = (known: readonly string[]) => runs().find((id) => !known.includes(id)) ?? null;
    const journalOf = (run: string) => {
      const file = join(folder(), run, 'journal.jsonl');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    };

    /** Kills a verification as soon as its journal says so; gives the run's id. Once more where it was faster. */
    async function killAt(type: string, nth: number, tries = 3): Promise<string> {
      const known = runs();
      const running = world.start(['verify', '--point', snapshot, '--json']);
      const run = await until(
        `${type} ${nth}`,
        () => {
          if (running.child.exitCode !== null) return 'ended';
          const mine = newRun(known);
          const isThere = mine !== null && journalOf(mine).split(`"event":{"type":"${type}"`).length > nth;
          return isThere ? mine : null;
        },
        { timeoutMs: 60_000, everyMs: 2 },
      );
      running.child.kill('SIGKILL');
      await running.ended;
      const isOver = run === 'ended' || journalOf(run).includes('"event":{"type":"published"');
      if (!isOver) return run;
      if (tries > 1) return killAt(type, nth, tries - 1);
      throw new TypeError(`it ended before it could be killed: ${running.stderr()}`);
    }

    it.each(RESUMED)('killed %s, then resumed: finished, signed, nothing left', async (_what, type, nth) => {
      const run = await killAt(type, nth);
      const resumed = await world.roc(['resume', run, '--json']);
      const result = resumed.json<VerifyResult>();
      expect(result).toMatchObject({ run, phase: 'published', evidence: { signature: expect.any(String) } });
      expect(['done', 'nothing-to-do']).toContain(result.cleanup?.verdict);
      // The data is what it was; only a break in the measured time may keep it from a pass.
      expect(result.checks.filter((check) => check.verdict === 'fail')).toEqual([]);
      expect(resumed.exitCode).toBe(result.verdict === 'pass' ? 0 : 3);
      expect(await world.leftovers()).toEqual([]);
    });

    it.each(SWEPT)('killed %s, then only swept: nothing left', async (_what, type, nth) => {
      world.setPolicy({ rto: '3s', target: { ...world.target, ttl: '8s' } });
      const run = await killAt(type, nth);
      world.setPolicy();
      const early = (await world.roc(['sweep', '--yes', '--json'])).json<{ items: SweptThing[] }>().items;
      expect(early.filter(({ outcome }) => outcome !== 'left')).toEqual([]);
      await wait(8500);
      const dry = (await world.roc(['sweep', '--json'])).json<{ items: SweptThing[] }>().items;
      expect(dry.every(({ outcome }) => outcome === 'would-delete')).toBe(true);
      const swept = await world.roc(['sweep', '--yes', '--json']);
      expect(swept.exitCode).toBe(0);
      expect(
        swept.json<{ items: SweptThing[] }>().items.map((item) => `${item.type} ${item.run} ${item.outcome}`),
      ).toEqual(dry.map((item) => `${item.type} ${run} deleted`));
      expect(await world.leftovers()).toEqual([]);
    });

    it('the run that somebody drives is neither resumed nor swept by another', async () => {
      world.setPolicy({ rto: '1s', target: { ...world.target, ttl: '30s' } });
      const known = runs();
      world.proxy.hold = 'backing-up';
      const running = world.start(['verify', '--point', snapshot, '--json']);
      const run = await until('the copy', () => {
        const mine = newRun(known);
        return mine !== null && journalOf(mine).includes('"status":"backing-up"') ? mine : null;
      });
      const other = await world.roc(['resume', run]);
      expect(other.exitCode).toBe(4);
      expect(other.stderr).toMatch(/is being driven by process \d+/);
      world.proxy.hold = null;
      expect((await running.ended).exitCode).toBe(3);
      world.setPolicy();
      expect(await world.leftovers()).toEqual([]);
    });

    it('a journal that somebody changed is refused, and the sweeper still knows what is left', async () => {
      const run = await killAt('status', 1);
      const file = join(folder(), run, 'journal.jsonl');
      writeFileSync(file, readFileSync(file, 'utf8').replace('"shop-prod"', '"shop-test"'));
      const result = await world.roc(['resume', run, '--json']);
      expect(result.exitCode).toBe(3);
      expect(result.stdout).toMatch(/does not follow from the one before/);
      const items = (await world.roc(['sweep', '--json'])).json<{ items: SweptThing[] }>().items;
      expect(items).toContainEqual(
        expect.objectContaining({ id: `roc-v-${run}`, outcome: 'left', why: ['not-expired'] }),
      );
      await until('the copy to be deletable', async () =>
        world.remove(`roc-v-${run}`).then(
          () => true,
          () => false,
        ),
      );
    });
  },
);
