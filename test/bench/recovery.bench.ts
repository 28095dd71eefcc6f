/**
 * What becomes of a job whose worker dies (SIGKILL) or stands still for 80 seconds (SIGSTOP, then SIGCONT), under the
 * settings that each system comes with: how soon it begins again, and whether two workers bring it to its end. All
 * systems run side by side, since they mostly wait. A job is 20 seconds of work.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startBuiltServer } from '../helpers/built-server.js';
import { startMariadb } from '../helpers/mariadb.js';
import { type Program, startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { writeRobot } from '../helpers/robot-folder.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { type BenchRow, told, valueAtMost } from './bench-row.js';
import { loseWorkers, type Outcome } from './dispatch/lost-worker.js';
import { type Database, type PeerName, startPeerDatabase } from './dispatch/peers.js';

const ROC = 'roc on MariaDB';
/** The lease, and five seconds for who looks after it. */
const RECOVERED_WITHIN_S = 65;
const PEERS: Readonly<Record<PeerName, string>> = {
  'pg-boss': 'gives up an attempt after 900 s',
  'graphile-worker': 'gives up a lock after 4 h',
  bullmq: 'a lock of 30 s, looked after every 30 s',
};

export async function bench(): Promise<BenchRow[]> {
  const names = Object.keys(PEERS) as PeerName[];
  const [roc, ...peers] = await Promise.all([loseOfRoc(), ...names.map(loseOfPeer)]);
  const rows: BenchRow[] = [];
  for (const [n, peer] of peers.entries()) {
    const name = names[n] ?? 'bullmq';
    const against = `${name} (${peer === null ? 'not here' : PEERS[name]})`;
    const row = (what: string, value: number, unit: string, againstValue: number | null) => ({
      ...{ case: `${ROC}: ${what}`, value, unit, against, againstValue },
    });
    const recovery = row(
      "a dead worker's job begins again",
      roc.recovered ?? Number.POSITIVE_INFINITY,
      's',
      peer?.recovered ?? null,
    );
    const jobs = 'jobs of lost workers that two brought to their end';
    const duplicates = row(jobs, roc.duplicates, 'of 2', peer?.duplicates ?? null);
    rows.push(valueAtMost(recovery, RECOVERED_WITHIN_S), told(duplicates));
  }
  return rows;
}

async function loseOfPeer(peer: PeerName): Promise<Outcome | null> {
  const database = await startPeerDatabase(peer);
  if (database === null) return null;
  const dir = makeTempDir('ledger');
  const ledger = join(dir, 'ledger');
  const run = (...args: string[]) => startPeer(peer, database, ledger, args);
  try {
    return await loseWorkers({
      ledger,
      startWorker: async (_, slots) => {
        const worker = run(String(slots));
        await worker.waitFor(/ready/, 60_000);
        return worker;
      },
      add: (job) => run('add', job).ended,
      signal: ({ pid }, signal) => process.kill(pid, signal),
    });
  } finally {
    await database.stop();
    removeDir(dir);
  }
}

function startPeer(peer: PeerName, { url }: Database, ledger: string, args: readonly string[]): Program {
  return startProgram(process.execPath, [
    projectPath('test/bench/peers/worker.mjs'),
    ...[peer, url, ledger, ...args],
  ]);
}

/** Appends with what the host has: a robot in shell costs little, and stands still together with its runner. */
const ROBOT = `read -r input < "$ROC_INPUT"
job=\${input#*\\"job\\":\\"}; job=\${job%%\\"*}
ledger=\${input#*\\"ledger\\":\\"}; ledger=\${ledger%%\\"*}
note() { printf '{"job":"%s","phase":"%s","at":%s}\\n' "$job" "$1" "$(date +%s%3N)" >> "$ledger"; }
note begin
for slice in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 1; done
note end
`;

async function loseOfRoc(): Promise<Outcome> {
  const mariadb = await startMariadb({ own: true });
  const server = await startBuiltServer('--database', await mariadb.createDatabase());
  const dir = makeTempDir('ledger');
  const ledger = join(dir, 'ledger');
  try {
    const robot = join(dir, 'robot');
    const manifest = { name: 'work', version: '1.0.0', entrypoint: ['sh', 'main.sh'], idempotent: true };
    writeRobot(robot, { 'robot.yaml': JSON.stringify(manifest), 'main.sh': ROBOT });
    await server.json('robots', 'publish', robot);
    await server.json('deploy', 'work@1.0.0', '--to', 'dev');
    await server.json('processes', 'set', 'work', '--max-attempts', '3');
    return await loseWorkers({
      ledger,
      startWorker: async (name, slots) => {
        const runner = await server.startRunner(name, '--slots', String(slots));
        await runner.waitFor(/"event":"waiting"/, 60_000);
        return runner;
      },
      add: (job) => server.json('jobs', 'start', 'work', '--input', JSON.stringify({ job, ledger })),
      signal: ({ pid }, signal) => {
        for (const one of [...descendantsOf(pid), pid]) process.kill(one, signal);
      },
    });
  } finally {
    await server.stop();
    await mariadb.stop();
    removeDir(dir);
  }
}

/** Linux's own account of who runs what. */
function descendantsOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const children = text === '' ? [] : text.split(' ').map(Number);
  return children.flatMap((child) => [...descendantsOf(child), child]);
}
