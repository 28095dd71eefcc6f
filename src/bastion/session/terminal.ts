/** The person's terminal as a shell session needs it, restored whatever happens. */
import { spawnSync } from 'node:child_process';
import type { ReadStream, WriteStream } from 'node:tty';
import { RocError } from '../../kernel/errors.js';

export interface Terminal {
  readonly size: { readonly cols: number; readonly rows: number };
  /** Raw mode: every key comes as it is, Ctrl-C too. */
  enter(): void;
  /** Safe to call twice. */
  leave(): void;
  onInput(listener: (bytes: Buffer) => void): void;
  onResize(listener: () => void): void;
  /** False asks to wait for the drain listener. */
  write(bytes: Uint8Array): boolean;
  onDrain(listener: () => void): void;
}

/** @throws RocError ROC_USAGE when stdin or stdout is no terminal */
export function processTerminal(
  input: NodeJS.ReadStream & { fd: 0 },
  output: NodeJS.WriteStream & { fd: 1 },
): Terminal {
  if (!input.isTTY || !output.isTTY) {
    throw new RocError('ROC_USAGE', 'a shell needs a terminal on both standard input and output', {
      hint: 'For one command without a terminal use `roc bastion exec TARGET -- COMMAND`.',
    });
  }
  return ttyTerminal(input, output);
}

// Node's raw mode still turns each line feed of the output into carriage return and line feed, which garbles
// programs that move the cursor by it. Leaving raw mode restores this too.
function leaveOutputAlone(): void {
  if (process.platform === 'win32') return;
  // One that the terminal stops, since we are in the background, would be waited for until it goes on.
  spawnSync('stty', ['-opost'], {
    stdio: ['inherit', 'ignore', 'ignore'],
    timeout: 5_000,
    killSignal: 'SIGKILL',
  });
}

function ttyTerminal(input: ReadStream, output: WriteStream): Terminal {
  let isRaw = false;
  const leave = () => {
    if (!isRaw) return;
    isRaw = false;
    input.setRawMode(false);
    input.pause();
    process.off('exit', leave);
  };
  return {
    get size() {
      return { cols: output.columns || 80, rows: output.rows || 24 };
    },
    enter() {
      input.setRawMode(true);
      isRaw = true;
      leaveOutputAlone();
      input.resume();
      // The last way out, for an exit from anywhere.
      process.on('exit', leave);
    },
    leave,
    onInput: (listener) => void input.on('data', listener),
    onResize: (listener) => void output.on('resize', listener),
    write: (bytes) => output.write(bytes),
    onDrain: (listener) => void output.on('drain', listener),
  };
}
