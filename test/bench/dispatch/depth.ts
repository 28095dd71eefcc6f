/** How long a claim takes, and how a queue becomes long without a hundred thousand requests. */
import { createConnection } from 'mysql2/promise';
import type { BuiltServer } from '../../helpers/built-server.js';
import { adminToken, fakeRunner, inParallel, PROCESS } from './fake-runner.js';
import type { Caller } from './lean-http.js';

/** Milliseconds of each of `count` polls that find a job, one after the other; the queue is as long afterwards. */
export async function timeClaims(server: BuiltServer, call: Caller, count: number): Promise<number[]> {
  const token = await adminToken(server, call);
  await inParallel(count, 8, () => call('/jobs', token, { process: PROCESS, priority: 0 }));
  const runner = await fakeRunner(server, call);
  const times: number[] = [];
  for (let n = 0; n < count; n++) {
    const from = performance.now();
    const jobs = await runner.poll(1, 0);
    times.push(performance.now() - from);
    if (jobs.length !== 1) throw new TypeError('a poll found no job, but there was one');
    await runner.complete(jobs);
  }
  return times;
}

/** Multiplies one queued job of lower priority until there are `count`. Ids of text: what sorts after them stays last. */
export async function lengthenQueue(
  server: BuiltServer,
  call: Caller,
  database: string,
  count: number,
): Promise<void> {
  const token = await adminToken(server, call);
  const { id } = await call('/jobs', token, { process: PROCESS, priority: 9 });
  const connection = await createConnection(database);
  try {
    for (const [table, key] of [
      ['job', 'id'],
      ['job_ready', 'job_id'],
    ] as const) {
      const columns = await columnsOf(connection, table);
      const others = columns.filter((column) => column !== key).join(', ');
      // What the server has made sorts before Z: the copies are found under it.
      const name = (offset: number) => `concat('Z', lpad(${offset} + row_number() over (), 25, '0'))`;
      await connection.query(
        `insert into ${table} (${key}, ${others}) select 'Z0000000000000000000000000', ${others} from ${table} where ${key} = ?`,
        [id],
      );
      for (let made = 1; made < count; made *= 2) {
        const most = Math.min(made, count - made);
        await connection.query(
          `insert into ${table} (${key}, ${others}) select ${name(made)}, ${others} from ${table} where ${key} >= 'Z' limit ${most}`,
        );
      }
    }
    await connection.query('analyze table job, job_ready');
  } finally {
    await connection.end();
  }
}

/** Takes the copies away again. */
export async function shortenQueue(database: string): Promise<void> {
  const connection = await createConnection(database);
  try {
    await connection.query("delete from job_ready where job_id >= 'Z'");
    await connection.query("delete from job where id >= 'Z'");
  } finally {
    await connection.end();
  }
}

async function columnsOf(
  connection: Awaited<ReturnType<typeof createConnection>>,
  table: string,
): Promise<string[]> {
  const [rows] = await connection.query(`show columns from ${table}`);
  return (rows as { Field: string }[]).map(({ Field }) => Field);
}
