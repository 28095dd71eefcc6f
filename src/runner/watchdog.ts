/** A tiny process that outlives a killed agent just long enough to kill the robots it leaves. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Watchdog {
  guard(group: number): void;
  release(group: number): void;
  close(): void;
}

/**
 * Reads `+GROUP` and `-GROUP`; when its input ends, which the kernel sees to however the agent dies, it kills the
 * groups that are left. POSIX shell, no program but its own kill.
 */
const SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) groups="\${groups%% $group *} \${groups#* $group }" ;;
  esac
done
for group in $groups; do kill -9 -- "-$group"; done
`;

/** Starts it, in a session of its own so that no signal to the agent's group reaches it. Windows has none. */
export function startWatchdog(onLost: () => void): Watchdog {
  if (process.platform === 'win32') return { guard() {}, release() {}, close() {} };
  let isClosed = false;
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
    env: {},
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
      shell.stdin?.end();
    },
  };
}
