/** Progress for anything over a second: a live line on a terminal's stderr, plain lines elsewhere, nothing with --json. */
import { printableLine } from './printable.js';

export interface Progress {
  update(text: string): void;
  done(text?: string): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Shows `text` with a spinner on a TTY; elsewhere says only how it ended. */
export function startProgress(text: string, options: { quiet: boolean }): Progress {
  const stream = process.stderr;
  if (options.quiet) return { update() {}, done() {} };
  if (!stream.isTTY) {
    return { update() {}, done: (final = text) => void stream.write(`${final}\n`) };
  }
  let current = text;
  let frame = 0;
  const draw = () =>
    stream.write(
      `\r\u001b[2K${FRAMES[frame++ % FRAMES.length]} ${printableLine(current).slice(0, (stream.columns ?? 80) - 3)}`,
    );
  const timer = setInterval(draw, 80);
  timer.unref();
  draw();
  return {
    update: (next) => {
      current = next;
    },
    done: (final) => {
      clearInterval(timer);
      stream.write(`\r\u001b[2K${final === undefined ? '' : `${final}\n`}`);
    },
  };
}
