/** A tiny process that outlives a killed agent just long enough to kill the robots it leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { RUN_MARK } from './kill-tree.js';

export interface Watchdog {
  guard(group: number): void;
  release(group: number): void;
  close(): void;
}

/**
 * Reads `+GROUP` and `-GROUP`, and `.` from an agent that ends in good order. When its input ends, which the kernel
 * sees to however the agent dies, it kills the groups that are left, and on Linux whoever else carries the mark of
 * this very agent. POSIX shell; dash knows no `kill -9 --`.
 */
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
calm=
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) groups="\${groups%% $group *} \${groups#* $group }" ;;
    .) calm=1 ;;
  esac
done
case $calm$groups in 1*[0-9]*) ;; 1*) exit ;; esac
for group in $groups; do kill -s KILL -- "-$group"; done
for round in 1 2 3; do
  for file in $(grep -las "$1" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -s KILL "\${pid%/environ}"
  done
done
`;

/**
 * Starts it for robots whose mark begins with `runMark`, in a session of its own so that no signal to the agent's
 * group reaches it. Windows has none.
 */
export function startWatchdog(runMark: string, onLost: () => void): Watchdog {
  if (process.platform === 'win32') return { guard() {}, release() {}, close() {} };
  let isClosed = false;
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'sh', `${RUN_MARK}=${runMark}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
  });
  const lose = () => {
    if (!isClosed) onLost();
    isClosed = true;
  };
  shell.once('error', lose);
  shell.once('exit', lose);
  shell.stdin?.on('error', lose);
  shell.unref();
  const tell = (line: string) => {
    if (!isClosed) shell.stdin?.write(`${line}\n`);
  };
  return {
    guard: (group) => tell(`+${group}`),
    release: (group) => tell(`-${group}`),
    close: () => {
      isClosed = true;
      shell.stdin?.end('.\n');
    },
  };
}
