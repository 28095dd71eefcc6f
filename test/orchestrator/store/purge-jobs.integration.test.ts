/** Removing what is old at size: everything of it, nothing else, and nobody else waits for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { encodeTime } from 'ulid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DAY } from '../../../src/kernel/time.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { purgeExpired } from '../../../src/orchestrator/store/purge.js';
import { purgeJobLogs, purgeJobs } from '../../../src/orchestrator/store/purge-jobs.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { openNode } from '../../contracts/store/fixture.js';
import { type Mariadb, startMariadb } from '../../helpers/mariadb.js';
import { describeWith } from '../../helpers/parts.js';
import { tempDirs } from '../../helpers/temp-dirs.js';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';
/** Of each age: old ones, with lines and events, and as many that are young. */
const JOBS = isLong ? 20_000 : 1000;
const LINES = isLong ? 50 : 10;
const EVENTS = 5;
/** As much as one job may write. */
const LONGEST = isLong ? 100_000 : 12_000;
const NOW = Date.UTC(2026, 2, 1);
const OLD = NOW - 40 * DAY;
/** Others must not notice; the machine may be busy with other things. */
const MOST_WAIT_MS = 10_000;

const newDir = tempDirs('purge');

/** 0 to count - 1, without the limit that engines set on recursion. */
const numbers = (count: number) => sql`(with recursive digit (d) as
  (select 0 union all select d + 1 from digit where d < 99)
  select a.d + 100 * b.d + 10000 * c.d as n from digit a cross join digit b cross join digit c
  where a.d + 100 * b.d + 10000 * c.d < ${count} and c.d < ${Math.ceil(count / 10_000) + 1}) as numbers`;

async function fill(store: Store): Promise<void> {
  const { db } = store;
  for (const at of [OLD, NOW]) {
    const time = encodeTime(at - DAY / 24, 10);
    const id = (n: string) =>
      store.dialect.name === 'mysql'
        ? sql`concat(${time}, lpad(${sql.raw(n)}, 16, '0'))`
        : sql`${time} || printf('%016d', ${sql.raw(n)})`;
    await sql`insert into job (id, tenant_id, project_id, process_id, environment_id, deployment_id, robot_id,
      version_id, pool_id, lane, priority, state, attempt, max_attempts, epoch, on_lost, timeout_ms, run_at, input,
      event_seq, log_lines, log_bytes, created_by, created_at, finished_at)
      select ${id('n')}, 't', 'p', 'p', 'e', 'd', 'r', 'v', 'o', 'any', 0, 'succeeded', 1, 1, 1, 'hold', 1, 0, '{}',
      ${EVENTS}, case n when 0 then ${LONGEST} else ${LINES} end, 100, 'x', ${at}, ${at} from ${numbers(JOBS)}`.execute(
      db,
    );
    await sql`insert into job_log (job_id, attempt, seq, logged_at, stream, line)
      select ${id(`n % ${JOBS}`)}, 1, ${sql.raw(`floor(n / ${JOBS})`)} + 1, ${at}, 'stdout', 'one line of an old job' from ${numbers(JOBS * LINES)}`.execute(
      db,
    );
    await sql`insert into job_log (job_id, attempt, seq, logged_at, stream, line)
      select ${id('0')}, 2, n + 1, ${at}, 'stdout', 'one of very many' from ${numbers(LONGEST - LINES)}`.execute(
      db,
    );
    await sql`insert into job_event (job_id, seq, id, type, attempt, epoch, state, created_at)
      select ${id(`n % ${JOBS}`)}, ${sql.raw(`floor(n / ${JOBS})`)} + 1, 'i', 'queued', 1, 1, 'queued', ${at} from ${numbers(JOBS * EVENTS)}`.execute(
      db,
    );
  }
}

async function countOf({ db }: Store, table: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(db);
  return Number(rows[0]?.n);
}

/** Writes a line of a young job again and again. @returns the longest time that one took */
async function whileOthersWrite(store: Store, work: () => Promise<unknown>): Promise<number> {
  let [isOver, longest, seq] = [false, 0, 0];
  const writing = (async () => {
    while (!isOver) {
      const from = performance.now();
      const row = {
        job_id: 'zzz',
        attempt: 1,
        seq: ++seq,
        logged_at: NOW,
        stream: 'stdout' as const,
        line: 'x',
      };
      await store.transaction((tx) => tx.db.insertInto('job_log').values(row).execute());
      longest = Math.max(longest, performance.now() - from);
      await sleep(5);
    }
  })();
  writing.catch(() => {});
  await work();
  isOver = true;
  await writing;
  await store.db.deleteFrom('job_log').where('job_id', '=', 'zzz').execute();
  return longest;
}

function suite(name: string, urlOf: () => Promise<string>): void {
  it(`${name}: lines go first, then jobs with their events, in steps that hold nobody up`, async () => {
    const store = await openNode(await urlOf());
    try {
      await migrate(store);
      await fill(store);
      const lines = JOBS * LINES + LONGEST - LINES;
      expect([await countOf(store, 'job'), await countOf(store, 'job_log')]).toEqual([2 * JOBS, 2 * lines]);
      const before = NOW - 30 * DAY;
      let purged = 0;
      const from = performance.now();
      const longest = await whileOthersWrite(store, async () => {
        purged = await purgeJobLogs(store, before);
      });
      const took = performance.now() - from;
      expect([purged, await countOf(store, 'job_log')]).toEqual([JOBS, lines]);
      expect(await purgeJobLogs(store, before)).toBe(0);
      const alone = performance.now();
      const longestOfJobs = await whileOthersWrite(store, () => purgeJobs(store, before));
      const tookJobs = performance.now() - alone;
      expect([await countOf(store, 'job'), await countOf(store, 'job_event')]).toEqual([JOBS, JOBS * EVENTS]);
      expect(await countOf(store, 'job_log')).toBe(lines);
      process.stdout.write(
        `${name}: ${lines} lines of ${JOBS} jobs in ${(took / 1000).toFixed(1)} s, the jobs in ${(tookJobs / 1000).toFixed(1)} s; others waited at most ${Math.max(longest, longestOfJobs).toFixed(0)} ms\n`,
      );
      expect(Math.max(longest, longestOfJobs)).toBeLessThan(MOST_WAIT_MS);
    } finally {
      await store.close();
    }
  });

  it(`${name}: a job that is not over yet keeps its lines, and loses them when it is`, async () => {
    const store = await openNode(await urlOf());
    try {
      await migrate(store);
      await fill(store);
      const before = NOW - 30 * DAY;
      const young = await countOf(store, 'job_log');
      const [first] = await store.db.selectFrom('job').select('id').orderBy('id').limit(1).execute();
      const id = first?.id ?? '';
      await store.db
        .updateTable('job')
        .set({ state: 'held', finished_at: null })
        .where('id', '=', id)
        .execute();
      expect(await purgeJobLogs(store, before)).toBe(JOBS - 1);
      expect(await countOf(store, 'job_log')).toBe(young / 2 + LONGEST);
      await store.db
        .updateTable('job')
        .set({ state: 'failed', finished_at: OLD })
        .where('id', '=', id)
        .execute();
      expect(await purgeJobLogs(store, before)).toBe(1);
      expect(await countOf(store, 'job_log')).toBe(young / 2);
    } finally {
      await store.close();
    }
  });

  it(`${name}: counts of use go after 400 days, those of each key`, async () => {
    const store = await openNode(await urlOf());
    try {
      await migrate(store);
      const days = isLong ? 1000 : 20;
      await sql`insert into api_key (id, tenant_id, consumer, prefix, key_hash, scopes, rps, created_by, created_at, expires_at)
        select ${store.dialect.name === 'mysql' ? sql`concat('k', n)` : sql`'k' || n`}, 't', 'c',
        ${store.dialect.name === 'mysql' ? sql`concat('p', n)` : sql`'p' || n`}, 'h', '[]', 1, 'x', 0, 0 from ${numbers(1000)}`.execute(
        store.db,
      );
      const today = Number(new Date(await store.now()).toISOString().slice(0, 10).replaceAll('-', ''));
      await sql`insert into api_usage (key_id, usage_day, route_class, requests, denied)
        select k.id, ${20200101} + n, 'api', 1, 0 from ${numbers(days)} cross join api_key k`.execute(
        store.db,
      );
      await sql`insert into api_usage (key_id, usage_day, route_class, requests, denied)
        select id, ${today}, 'api', 1, 0 from api_key`.execute(store.db);
      await purgeExpired(store);
      expect(await countOf(store, 'api_usage')).toBe(1000);
    } finally {
      await store.close();
    }
  });
}

describeWith([], 'old jobs on SQLite', () => {
  suite('SQLite', async () => `sqlite:${newDir()}/roc.db`);
});

describeWith(['mysql'], 'old jobs on MariaDB', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server?.stop());
  suite('MariaDB', () => server.createDatabase());
});
