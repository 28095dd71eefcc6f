/** A program in a pseudo-terminal, as a person sits before it: python3's pty module holds the other end. */
import { type ProgramEnd, startProgram } from './program.js';

export interface TerminalStep {
  /** Text that must have appeared before `type` is typed. */
  readonly see: string;
  readonly type: string;
}

export interface TerminalResult extends ProgramEnd {
  /** All that appeared on the screen, control sequences and all. */
  readonly screen: string;
}

const PTY = `
import fcntl, json, os, pty, select, struct, sys, termios, time
steps, command = json.loads(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(command[0], command)
seen, looked_from, end = b"", 0, time.time() + 20
while time.time() < end:
    if steps and steps[0]["see"].encode() in seen[looked_from:]:
        looked_from = len(seen)
        time.sleep(0.05)
        os.write(fd, steps.pop(0)["type"].encode())
    if not select.select([fd], [], [], 0.05)[0]:
        continue
    try:
        data = os.read(fd, 65536)
    except OSError:
        break
    if not data:
        break
    seen += data
    sys.stdout.buffer.write(data)
    sys.stdout.flush()
else:
    os.kill(pid, 9)
_, status = os.waitpid(pid, 0)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 255)
`;

/** Runs a program on a terminal of 80 columns and types at it; killed after 20 s. Needs the part `python3`. */
export async function runInTerminal(
  command: readonly string[],
  steps: readonly TerminalStep[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<TerminalResult> {
  const program = startProgram('python3', ['-c', PTY, JSON.stringify(steps), ...command], {
    env: { ...env, TERM: 'xterm-256color' },
  });
  return { ...(await program.ended), screen: program.stdout() };
}
