/** The agent's shell on a real pseudo-terminal (python3's pty), and its commands without one. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Agent, AgentPlugin } from './agent.js';

/** Runs argv on a pty; control lines `cols rows` on descriptor 3 resize it. */
const PTY = `
import fcntl, os, pty, select, signal, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
control = b''
while True:
    try:
        ready = select.select([fd, 0, 3], [], [])[0]
    except InterruptedError:
        continue
    if fd in ready:
        try:
            data = os.read(fd, 65536)
        except OSError:
            data = b''
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            os.kill(pid, signal.SIGHUP)
            break
        while data:
            data = data[os.write(fd, data):]
    if 3 in ready:
        data = os.read(3, 4096)
        control += data
        while b'\\n' in control:
            line, control = control.split(b'\\n', 1)
            cols, rows = map(int, line.split())
            fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, cols, 0, 0))
            os.kill(pid, signal.SIGWINCH)
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) & 255)
`;

export function shellPlugin(
  argv: readonly string[],
  sessionType: string,
  onExit: (reason: string) => void,
): AgentPlugin {
  let child: ChildProcess | undefined;
  return {
    sessionType,
    properties: {},
    start(agent) {
      child = spawn('python3', ['-c', PTY, ...argv], {
        stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
        env: { ...process.env, TERM: 'xterm-256color', PS1: 'remote$ ', LC_ALL: 'C.UTF-8' },
      });
      child.stdin?.on('error', () => {});
      pump(child, 'stdout', agent, 1);
      child.once('close', () => setTimeout(() => onExit(''), 20));
    },
    input(payload, payloadType) {
      if (payloadType === 1) child?.stdin?.write(Buffer.from(payload));
      if (payloadType === 3) {
        const { cols, rows } = JSON.parse(new TextDecoder().decode(payload)) as {
          cols: number;
          rows: number;
        };
        const control = child?.stdio[3];
        if (control && 'write' in control) control.write(`${cols} ${rows}\n`);
      }
    },
    stop() {
      child?.kill('SIGHUP');
    },
  };
}

/** NonInteractiveCommands: no terminal; with `separate` standard error and the exit code come as types of their own. */
export function commandPlugin(
  command: string,
  separate: boolean,
  onExit: (reason: string) => void,
): AgentPlugin {
  let child: ChildProcess | undefined;
  return {
    sessionType: 'NonInteractiveCommands',
    properties: {},
    start(agent) {
      child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
      const ends = [pump(child, 'stdout', agent, 1), pump(child, 'stderr', agent, separate ? 11 : 1)];
      child.once('close', (code) => {
        void Promise.all(ends.map((end) => end())).then(() => {
          if (separate) agent.send(12, new TextEncoder().encode(`EXIT_CODE: ${code ?? 255}`));
          // The channel closes only after the agent has been told that all arrived.
          const wait = setInterval(() => {
            if (agent.unacknowledged > 0) return;
            clearInterval(wait);
            onExit('');
          }, 2);
        });
      });
    },
    input() {},
    stop() {
      child?.kill('SIGKILL');
    },
  };
}

function pump(
  child: ChildProcess,
  name: 'stdout' | 'stderr',
  agent: Agent,
  payloadType: number,
): () => Promise<void> {
  const stream = child[name];
  let turn: Promise<void> = Promise.resolve();
  stream?.on('data', (data: Buffer) => {
    stream.pause();
    turn = agent.write(data, payloadType).then(() => void stream.resume());
  });
  return () => turn;
}
