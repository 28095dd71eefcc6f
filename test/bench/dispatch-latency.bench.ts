/**
 * From enqueue to a running robot, on an idle local runner: built `roc serve` (embedded default) and built
 * `roc runner start`, two processes on loopback, real HTTP, encrypted package, nothing kept decrypted.
 *
 * The clock starts when the request that starts the job is sent, so that the whole enqueue (its transaction and its
 * answer) is part of the figure. It stops when the runner has made the robot's process: the system has executed the
 * program when spawn returns, and the runner tells the moment in its `job-started` event. The robot's own boot comes
 * after that; it is told separately by the robot, which reports its first line's time. All are clocks of one host.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../../src/protocol/client.js';
import type { RunnerEvent } from '../../src/runner/events.js';
import { type BuiltServer, startBuiltServer } from '../helpers/built-server.js';
import type { Program } from '../helpers/program.js';
import { writeRobot } from '../helpers/robot-folder.js';
import { withTempDir } from '../helpers/temp-dir.js';
import { until } from '../helpers/until.js';
import { type BenchRow, median, percentile, told, valueAtMost } from './bench-row.js';

const JOBS = 120;
const WARM_UP = 10;
/** The robot says when its first line ran, in milliseconds since 1970 with fractions. */
const ROBOT = `
  const now = performance.timeOrigin + performance.now();
  require('fs').writeFileSync(process.env.ROC_OUTPUT, JSON.stringify(now));`;

interface Sample {
  readonly sent: number;
  readonly accepted: number;
  readonly spawned: number;
  readonly firstLine: number;
}

export async function bench(): Promise<BenchRow[]> {
  const server = await startBuiltServer();
  try {
    await publishRobot(server);
    const runner = await server.startRunner('bench');
    try {
      await runner.waitFor(/"event":"waiting"/);
      return rowsOf(await measure(server, runner));
    } finally {
      await runner.stop();
    }
  } finally {
    await server.stop();
  }
}

async function publishRobot(server: BuiltServer): Promise<void> {
  await withTempDir(async (dir) => {
    const manifest = { name: 'clock', version: '1.0.0', entrypoint: ['node', 'main.js'] };
    writeRobot(dir, { 'robot.yaml': JSON.stringify(manifest), 'main.js': ROBOT });
    await server.json('robots', 'publish', dir);
    await server.json('deploy', 'clock@1.0.0', '--to', 'dev');
  });
}

async function measure(server: BuiltServer, runner: Program): Promise<{ samples: Sample[]; node: number[] }> {
  const client = await signedInClient(server);
  const samples: Sample[] = [];
  const node: number[] = [];
  for (let index = -WARM_UP; index < JOBS; index++) {
    const sent = now();
    const { id } = await client.call('jobs.start', { body: { process: 'clock' } });
    const accepted = now();
    const spawned = await until('the end of a job', () => spawnedAt(runner, id), { everyMs: 5 });
    const { output } = await until('its result', async () => {
      const job = await client.call('jobs.show', { params: { id } });
      return job.state === 'succeeded' ? job : null;
    });
    if (index >= 0) samples.push({ sent, accepted, spawned, firstLine: Number(output) });
    if (index >= 0 && index % 5 === 0) node.push(timeNode());
    // A moment of idleness, of another length each time, so that no rhythm of the server or runner is met.
    await sleep(40 + ((index * 37) % 61));
  }
  return { samples, node };
}

/** When the robot of a job that has ended was started, by the runner's own account. */
function spawnedAt(runner: Program, jobId: string): number | null {
  const lines = runner
    .stdout()
    .split('\n')
    .filter((line) => line.includes(jobId));
  const events = lines.map((line) => JSON.parse(line) as RunnerEvent);
  const started = events.find((event) => event.event === 'job-started');
  const hasEnded = events.some((event) => event.event === 'job-ended');
  return hasEnded && started !== undefined ? started.spawnedAt : null;
}

async function signedInClient({ url, email, password }: BuiltServer) {
  let token: string | null = null;
  const client = createClient({ url, userAgent: 'bench', token: async () => token });
  token = (await client.call('auth.login', { body: { email, password } })).accessToken;
  return client;
}

function timeNode(): number {
  const start = performance.now();
  spawnSync(process.execPath, ['-e', '0'], { env: { PATH: process.env['PATH'] } });
  return performance.now() - start;
}

function rowsOf({ samples, node }: { samples: readonly Sample[]; node: readonly number[] }): BenchRow[] {
  const toSpawn = samples.map(({ sent, spawned }) => spawned - sent);
  const toFirstLine = samples.map(({ sent, firstLine }) => firstLine - sent);
  const afterAccepted = samples.map(({ accepted, spawned }) => spawned - accepted);
  const row = (name: string, value: number) => ({
    case: name,
    value,
    unit: 'ms',
    against: 'node -e 0, from spawn to exit, p50',
    againstValue: median(node),
  });
  return [
    valueAtMost(row(`enqueue sent to robot process made, p50 of ${JOBS}`, median(toSpawn)), 60),
    told(row('enqueue sent to robot process made, p99', percentile(toSpawn, 99))),
    told(row('enqueue answered to robot process made, p50', median(afterAccepted))),
    told(row("enqueue sent to the robot's first line, p50", median(toFirstLine))),
    told(row("enqueue sent to the robot's first line, p99", percentile(toFirstLine, 99))),
  ];
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
