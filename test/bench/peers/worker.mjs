// One worker of a peer with the settings that it comes with: `worker.mjs PEER URL LEDGER SLOTS`, or one that only adds a
// job: `worker.mjs PEER URL LEDGER add NAME`. A job notes in the ledger that it begins and that it ends, and works for
// twenty seconds of its own time in between.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const [peer, url, ledger, slots, name] = process.argv.slice(2);
const SLICES = 20;

const PEERS = { 'pg-boss': pgBoss, 'graphile-worker': graphile, bullmq };
await PEERS[peer]();
if (slots === 'add') process.exit(0);
process.stdout.write('ready\n');

async function work(job) {
  note(job, 'begin');
  for (let slice = 0; slice < SLICES; slice++) await sleep(1000);
  note(job, 'end');
}

function note(job, phase) {
  appendFileSync(ledger, `${JSON.stringify({ job, phase, at: Date.now() })}\n`);
}

async function pgBoss() {
  const { default: PgBoss } = await import('pg-boss');
  const boss = new PgBoss({ connectionString: url });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue('q');
  if (slots === 'add') return boss.send('q', { name });
  for (let n = 0; n < Number(slots); n++)
    await boss.work('q', { pollingIntervalSeconds: 0.5 }, async ([{ data }]) => work(data.name));
}

async function graphile() {
  const { makeWorkerUtils, run, Logger } = await import('graphile-worker');
  const options = { connectionString: url, logger: new Logger(() => () => {}) };
  const utils = await makeWorkerUtils(options);
  await utils.migrate();
  if (slots === 'add') return utils.addJob('t', { name });
  await run({ ...options, concurrency: Number(slots), taskList: { t: ({ name: job }) => work(job) } });
}

async function bullmq() {
  const { Queue, Worker } = await import('bullmq');
  const { Redis } = await import('ioredis');
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  if (slots === 'add') return new Queue('q', { connection }).add('j', { name });
  new Worker('q', ({ data }) => work(data.name), { connection, concurrency: Number(slots) });
}
