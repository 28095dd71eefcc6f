/** The way out of a shell that does not answer: `~.` at the start of a line, as in ssh. Pure. */

export interface EscapeResult {
  /** What goes to the remote side. */
  readonly pass: Buffer;
  readonly isEscape: boolean;
}

const NEWLINES: ReadonlySet<number> = new Set([0x0a, 0x0d]);
const TILDE = 0x7e;
const DOT = 0x2e;

/** A filter for the keys in the order they come; a held `~` goes out with the next key. */
export function escapeFilter(): (keys: Buffer) => EscapeResult {
  let isLineStart = true;
  let isHeld = false;
  return (keys) => {
    const pass: number[] = [];
    for (const key of keys) {
      if (isHeld && key === DOT) return { pass: Buffer.from(pass), isEscape: true };
      if (isHeld) {
        pass.push(TILDE);
        isHeld = false;
        // `~~` sends one tilde.
        if (key === TILDE) {
          isLineStart = false;
          continue;
        }
      } else if (isLineStart && key === TILDE) {
        isHeld = true;
        continue;
      }
      pass.push(key);
      isLineStart = NEWLINES.has(key);
    }
    return { pass: Buffer.from(pass), isEscape: false };
  };
}
