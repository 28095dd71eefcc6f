/** Programs on a real pseudo-terminal, by python3's pty module: node-pty would have to be compiled. */
import { spawn } from 'node:child_process';
import { until } from './until.js';

/** Runs argv on a pty; control lines `cols rows` on descriptor 3 resize it. */
export const PTY_SCRIPT = `
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

export interface Pty {
  write(keys: string): void;
  resize(cols: number, rows: number): void;
  /** All that was shown so far, control sequences included. */
  text(): string;
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Exit code of the program. */
  readonly ended: Promise<number | null>;
  kill(): void;
}

/** Runs argv on a terminal of 80 by 24, or what is said. */
export function startPty(
  argv: readonly string[],
  options: { env: Readonly<Record<string, string | undefined>>; cwd?: string; cols?: number; rows?: number },
): Pty {
  const child = spawn('python3', ['-c', PTY_SCRIPT, ...argv], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    cwd: options.cwd,
    env: { TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', ...options.env } as NodeJS.ProcessEnv,
  });
  const killWithUs = () => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin?.on('error', () => {});
  const control = child.stdio[3] as NodeJS.WritableStream;
  control.on('error', () => {});
  const text = () => Buffer.concat(chunks).toString('utf8');
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.off('exit', killWithUs);
      resolve(code);
    });
  });
  const pty: Pty = {
    write: (keys) => void child.stdin?.write(keys),
    resize: (cols, rows) => void control.write(`${cols} ${rows}\n`),
    text,
    async waitFor(pattern, timeoutMs = 15_000) {
      try {
        return await until(`${pattern} on the terminal`, () => pattern.exec(text()), { timeoutMs });
      } catch (cause) {
        throw new TypeError(
          `${pattern} did not appear; the terminal shows ${JSON.stringify(text().slice(-600))}`,
          { cause },
        );
      }
    },
    ended,
    kill: () => void child.kill('SIGKILL'),
  };
  if (options.cols !== undefined && options.rows !== undefined) pty.resize(options.cols, options.rows);
  return pty;
}
