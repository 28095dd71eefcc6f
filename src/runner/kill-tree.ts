/** Ends a robot with everything it started: its group, its session, its descendants, and who carries its mark. */
import { execFileSync } from 'node:child_process';
import { hasEnvironment, listProcesses, type ProcessInfo } from './process-table.js';
import type { Timing } from './timing.js';

/** The variable by which the processes of an attempt are known, wherever they have gone. */
export const RUN_MARK = 'ROC_RUN_ID';

export interface Tree {
  /** The robot's own process; it leads its group and its session. */
  readonly pid: number;
  /** The value of {@link RUN_MARK}. */
  readonly mark: string;
}

const MAX_ROUNDS = 50;
const ROUND_MS = 20;

/** Asks the group to end. False where there is no such group any more. */
export function terminateGroup(pid: number, platform = process.platform): boolean {
  // Windows has no signal to ask with; the tree is ended at the end of the grace instead.
  return platform === 'win32' ? true : signalGroup(pid, 'SIGTERM');
}

/** Kills the group at once, without waiting: what can be done while the agent itself is leaving. */
export function killGroup(pid: number, platform = process.platform): void {
  if (platform === 'win32') taskkill(pid);
  else signalGroup(pid, 'SIGKILL');
}

/**
 * Kills the whole tree and returns when a look finds nothing of it. Processes may multiply while they are killed,
 * so it looks again until one round finds none.
 * @returns how many rounds found something
 */
export async function killTree(tree: Tree, timing: Pick<Timing, 'sleep'>): Promise<number> {
  if (process.platform === 'win32') {
    taskkill(tree.pid);
    return 0;
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const members = treeMembers(tree);
    if (members.length === 0) return round;
    for (const { pid } of members) signal(pid, 'SIGKILL');
    await timing.sleep(ROUND_MS);
  }
  return MAX_ROUNDS;
}

/** Living processes of the tree. */
export function treeMembers(tree: Tree): ProcessInfo[] {
  const entry = `${RUN_MARK}=${tree.mark}`;
  const processes = youngProcesses();
  const members = new Set(processes.filter((candidate) => isRooted(candidate, tree)).map(({ pid }) => pid));
  for (const { pid } of processes)
    if (!members.has(pid) && hasEnvironment(pid, (line) => line === entry)) members.add(pid);
  for (let grown = -1; grown !== members.size; ) {
    grown = members.size;
    for (const { pid, parent } of processes) if (members.has(parent)) members.add(pid);
  }
  return processes.filter(({ pid, isZombie }) => members.has(pid) && !isZombie);
}

// Robots are younger than their runner: the environments of all the others need not be read.
function youngProcesses(): ProcessInfo[] {
  const all = listProcesses();
  const own = all.find(({ pid }) => pid === process.pid);
  return all.filter(({ pid, startTime }) => pid !== process.pid && startTime >= (own?.startTime ?? 0));
}

/** Living processes that any attempt of this runner left behind. */
export function markedProcesses(markPrefix: string): ProcessInfo[] {
  const entry = `${RUN_MARK}=${markPrefix}`;
  return listProcesses().filter(
    ({ pid, isZombie }) =>
      !isZombie && pid !== process.pid && hasEnvironment(pid, (line) => line.startsWith(entry)),
  );
}

function isRooted({ pid, group, session }: ProcessInfo, tree: Tree): boolean {
  return pid === tree.pid || group === tree.pid || session === tree.pid;
}

function signalGroup(pid: number, name: NodeJS.Signals): boolean {
  return signal(-pid, name);
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  // 0 is our own group, -1 everybody.
  if (pid === 0 || Math.abs(pid) === 1) return false;
  try {
    process.kill(pid, name);
    return true;
  } catch {
    // Gone already.
    return false;
  }
}

function taskkill(pid: number): void {
  try {
    execFileSync('taskkill', ['/PID', String(pid), '/T', '/F'], {
      stdio: 'ignore',
      windowsHide: true,
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
  } catch {
    // Gone already, or it takes too long, or a part of it belongs to another user; there is nothing more to do.
  }
}
