/** Bytes of a pipe as lines of text: whole characters across chunks, long lines in marked pieces. */
import { StringDecoder } from 'node:string_decoder';
import type { Redactor } from './redactor.js';

/** UTF-16 code units of one line as the server takes it. */
export const MAX_LINE = 8192;
/** Ends a piece that goes on, and begins the piece that continues it. */
export const CONTINUED = '…';

export interface LineSplitter {
  /** The lines that became complete; a bare CR inside a line stays data, `\r\n` ends a line like `\n`. */
  push(chunk: Buffer): string[];
  /** What was left without a line end, in at most one line. */
  end(): string[];
}

export interface LineSplitterOptions {
  readonly maxLine?: number | undefined;
  /** Hides secrets before a line is cut, so that no part of one is left on either side. */
  readonly redactor?: Pick<Redactor, 'redact' | 'longest'> | undefined;
}

export function createLineSplitter({ maxLine = MAX_LINE, redactor }: LineSplitterOptions = {}): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let isContinued = false;

  const take = (text: string): string[] => {
    const lines: string[] = [];
    const pieces = text.split('\n');
    for (const [index, piece] of pieces.entries()) {
      rest += piece;
      const isEnded = index < pieces.length - 1;
      // The rest of a secret may still be on its way: a line that goes on is cut only where all of it has come.
      const margin = isEnded ? 0 : (redactor?.longest ?? 0);
      const isTooLong = () => rest.length > room(isContinued, maxLine) + margin;
      if (redactor !== undefined && (isEnded || isTooLong())) rest = redactor.redact(rest);
      while (isTooLong()) lines.push(cut());
      if (isEnded) lines.push(finish());
    }
    return lines;
  };

  const cut = (): string => {
    let at = room(isContinued, maxLine) - CONTINUED.length;
    if (isHighSurrogate(rest.charCodeAt(at - 1))) at -= 1;
    const line = `${isContinued ? CONTINUED : ''}${rest.slice(0, at)}${CONTINUED}`;
    rest = rest.slice(at);
    isContinued = true;
    return line;
  };

  const finish = (): string => {
    const text = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const line = `${isContinued ? CONTINUED : ''}${text}`;
    rest = '';
    isContinued = false;
    return line;
  };

  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      const lines = take(decoder.end());
      if (rest === '' && !isContinued) return lines;
      // As if the line had ended: what was held back is hidden and cut like the rest.
      return [...lines, ...take('\n')];
    },
  };
}

function room(isContinued: boolean, maxLine: number): number {
  return maxLine - (isContinued ? CONTINUED.length : 0);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
