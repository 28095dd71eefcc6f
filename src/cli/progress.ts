/** Progress for anything over a second: a live line on a terminal's stderr, plain lines elsewhere, nothing with --json. */
import { truncate } from './display-width.js';
import { printableLine } from './printable.js';

export interface Progress {
  /** Replaces the live line. */
  update(text: string): void;
  /** Writes a line that stays, above the live one. */
  line(text: string): void;
  /** Ends it, with a last line where there is something to say; a second call does nothing. */
  done(text?: string): void;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const CLEAR_LINE = '\r\u001b[2K';

/** Shows `text` with a spinner on a TTY; elsewhere writes only the lines that stay. */
export function startProgress(text: string, options: { quiet: boolean }): Progress {
  const stream = process.stderr;
  if (options.quiet) return { update() {}, line() {}, done() {} };
  const write = (line: string) => void stream.write(`${printableLine(line)}\n`);
  let isDone = false;
  const finish = (final?: string) => {
    if (!isDone && final !== undefined) write(final);
    isDone = true;
  };
  if (!stream.isTTY) return { update() {}, line: write, done: finish };
  let current = text;
  let frame = 0;
  const draw = () => {
    const shown = truncate(printableLine(current), (stream.columns || 80) - 3);
    stream.write(`${CLEAR_LINE}${FRAMES[frame++ % FRAMES.length]} ${shown}`);
  };
  const timer = setInterval(draw, 80);
  timer.unref();
  draw();
  return {
    update: (next) => {
      current = next;
    },
    line: (line) => {
      stream.write(CLEAR_LINE);
      write(line);
      draw();
    },
    done: (final) => {
      clearInterval(timer);
      if (!isDone) stream.write(CLEAR_LINE);
      finish(final);
    },
  };
}
