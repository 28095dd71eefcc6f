/** Runners that have nothing to do: each holds its poll for 25 seconds and sends a heartbeat every 15, as the real one does. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuiltServer } from '../../helpers/built-server.js';
import type { Mariadb } from '../../helpers/mariadb.js';
import { fakeRunner, inParallel } from './fake-runner.js';
import type { Caller } from './lean-http.js';
import { costOf } from './meter.js';

const POLL_MS = 25_000;
const BEAT_MS = 15_000;
/** How many register at a time. */
const LANES = 16;

export interface Idle {
  readonly serverPercent: number;
  readonly databasePercent: number;
  readonly statements: number;
  readonly requests: number;
}

/** The queue is empty but for what nobody will take. */
export async function watchIdle({
  server,
  mariadb,
  call,
  runners,
  forMs,
}: {
  readonly server: BuiltServer;
  readonly mariadb: Mariadb;
  readonly call: Caller;
  readonly runners: number;
  readonly forMs: number;
}): Promise<Idle> {
  let requests = 0;
  let isOver = false;
  const loops: Promise<unknown>[] = [];
  const again = async (everyMs: number, work: () => Promise<unknown>) => {
    // As runners that were not all started in the same moment.
    await sleep(Math.random() * everyMs);
    while (!isOver) {
      requests++;
      await work();
    }
  };
  await inParallel(runners, LANES, async () => {
    const runner = await fakeRunner(server, call);
    loops.push(again(POLL_MS, () => runner.poll(1, POLL_MS)));
    loops.push(again(BEAT_MS, () => runner.heartbeat([]).then(() => sleep(BEAT_MS))));
  });
  for (const loop of loops) loop.catch(() => {});
  await sleep(POLL_MS);
  const pids = { server: server.pid, database: mariadb.pid ?? server.pid };
  const [from, before] = [performance.now(), requests];
  const cost = await costOf({ pids, database: mariadb.url('') }, () => sleep(forMs));
  const seconds = (performance.now() - from) / 1000;
  isOver = true;
  const percent = (name: string) => ((cost.cpu[name] ?? 0) / 1e6 / seconds) * 100;
  return {
    serverPercent: percent('server'),
    databasePercent: percent('database'),
    statements: (cost.counters['Questions'] ?? 0) / seconds,
    requests: (requests - before) / seconds,
  };
}
