// One peer's figures as a line of JSON: `run.mjs PEER URL JOBS BATCH DATABASE_PID`. Eight loops (or a concurrency of eight) take jobs
// that wait already and finish them at once; then jobs come one by one and are timed from enqueue to claim. Before, WARM
// jobs that are not counted warm everything up, and PostgreSQL learns of its tables what autovacuum tells it in time.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [peer, url, jobsText, batchText, databasePid] = process.argv.slice(2);
const [jobs, batch] = [Number(jobsText), Number(batchText)];
const LOOPS = 8;
const WARM = 500;
const PACED = 200;
const EVERY_MS = 20;

const PEERS = { 'pg-boss': pgBoss, 'graphile-worker': graphile, bullmq };
process.stdout.write(`${JSON.stringify(await PEERS[peer]())}\n`);
process.exit(0);

async function pgBoss() {
  const { default: PgBoss } = await import('pg-boss');
  const boss = new PgBoss({ connectionString: url, max: LOOPS + 2, supervise: false, schedule: false });
  await boss.start();
  await boss.createQueue('q');
  const fill = async (count) => {
    for (let at = 0; at < count; at += 500)
      await boss.insert(Array.from({ length: Math.min(500, count - at) }, () => ({ name: 'q', data: {} })));
    await analyze();
  };
  const loop = async () => {
    for (;;) {
      const got = await boss.fetch('q', { batchSize: batch });
      if (got.length === 0) return;
      await boss.complete(
        'q',
        got.map(({ id }) => id),
      );
    }
  };
  const finish = () => Promise.all(Array.from({ length: LOOPS }, loop));
  await fill(WARM);
  await finish();
  await fill(jobs);
  const { seconds, cpuUs } = await timed(finish);
  // Its own worker loop looks every half second at the most.
  const waits = [];
  await boss.work('q', { pollingIntervalSeconds: 0.5, batchSize: batch }, async (got) => {
    for (const { data } of got) waits.push(performance.now() - data.at);
  });
  await paced(() => boss.send('q', { at: performance.now() }), waits);
  return { perSecond: jobs / seconds, cpuUs: cpuUs / jobs, waits };
}

async function graphile() {
  const { makeWorkerUtils, run, Logger } = await import('graphile-worker');
  const silent = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger: silent });
  await utils.migrate();
  const round = countdown();
  const fill = async (count) => {
    for (let at = 0; at < count; at += 500)
      await utils.addJobs(
        Array.from({ length: Math.min(500, count - at) }, () => ({ identifier: 't', payload: {} })),
      );
    await analyze();
    round.begin(count);
  };
  const waits = [];
  const taskList = {
    t: async ({ at }) => {
      if (at !== undefined) waits.push(performance.now() - at);
      else round.count();
    },
  };
  const preset = batch > 1 ? { preset: { worker: { localQueue: { size: batch } } } } : {};
  const begin = () =>
    run({
      ...{ connectionString: url, concurrency: LOOPS, maxPoolSize: LOOPS + 2, noHandleSignals: true },
      ...{ logger: silent, taskList, ...preset },
    });
  await fill(WARM);
  const first = await begin();
  await round.isOver();
  await first.stop();
  await fill(jobs);
  let runner;
  const { seconds, cpuUs } = await timed(async () => {
    runner = await begin();
    await round.isOver();
  });
  await paced(() => utils.addJob('t', { at: performance.now() }), waits);
  await runner.stop();
  return { perSecond: jobs / seconds, cpuUs: cpuUs / jobs, waits };
}

async function bullmq() {
  const { Queue, Worker } = await import('bullmq');
  const { Redis } = await import('ioredis');
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue('q', { connection });
  const round = countdown();
  const fill = async (count) => {
    for (let at = 0; at < count; at += 500)
      await queue.addBulk(Array.from({ length: Math.min(500, count - at) }, () => ({ name: 'j', data: {} })));
    round.begin(count);
  };
  const waits = [];
  const work = async ({ data }) => {
    if (data.at !== undefined) waits.push(performance.now() - data.at);
    else round.count();
  };
  const begin = () => new Worker('q', work, { connection, concurrency: LOOPS });
  await fill(WARM);
  const first = begin();
  await round.isOver();
  await first.close();
  await fill(jobs);
  let worker;
  const { seconds, cpuUs } = await timed(async () => {
    worker = begin();
    await round.isOver();
  });
  await paced(() => queue.add('j', { at: performance.now() }), waits);
  await worker.close();
  return { perSecond: jobs / seconds, cpuUs: cpuUs / jobs, waits };
}

// One round of jobs: over when all have been counted.
function countdown() {
  let left = 0;
  let end = () => {};
  let over = Promise.resolve();
  return {
    begin(count) {
      left = count;
      over = new Promise((resolve) => (end = resolve));
    },
    count() {
      if (--left === 0) end();
    },
    isOver: () => over,
  };
}

async function analyze() {
  const { default: pg } = await import('pg');
  const client = new pg.Client(url);
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}

async function paced(enqueue, waits) {
  for (let n = 0; n < PACED; n++) {
    await enqueue();
    await sleep(EVERY_MS);
  }
  const end = performance.now() + 10_000;
  while (waits.length < PACED && performance.now() < end) await sleep(20);
}

// Seconds of the clock, and microseconds of processor time of this process and the database's.
async function timed(work) {
  const [from, before, cpu] = [performance.now(), databaseTime(), process.cpuUsage()];
  await work();
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuUs: user + system + databaseTime() - before };
}

// Of the process and all that it has started, in hundredths of a second; those that have ended count with their parent.
function databaseTime() {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return { pid: name, fields: stat.slice(stat.lastIndexOf(')') + 2).split(' ') };
      } catch {
        return { pid: name, fields: [] };
      }
    });
  const ours = stats.filter(({ pid, fields }) => pid === databasePid || fields[1] === databasePid);
  const ticks = ours.map(({ pid, fields }) => {
    const ended = pid === databasePid ? Number(fields[13]) + Number(fields[14]) : 0;
    return Number(fields[11]) + Number(fields[12]) + ended;
  });
  return ticks.reduce((sum, one) => sum + one, 0) * 10_000;
}
