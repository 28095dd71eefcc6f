/** A screen that is drawn again and again on a terminal, and plain blocks of lines elsewhere. */
import { printableText } from './printable.js';

/** How a terminal reads: its width, whether it has colours and Unicode. */
export interface ScreenKind {
  readonly width: number;
  readonly isColoured: boolean;
  readonly isUnicode: boolean;
}

const HOME_AND_CLEAR = '\u001b[H\u001b[J';

export function screenKind(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>>,
): ScreenKind {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const isDumb = env['TERM'] === 'dumb' || env['TERM'] === 'linux';
  return {
    // What is piped has no edge; 100 columns read well in a log.
    width: stream.isTTY ? stream.columns || 80 : 100,
    isColoured: stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    isUnicode: /utf-?8/i.test(locale) && !isDumb,
  };
}

/** With `isLive` it draws over what was there on a terminal, and elsewhere parts one look from the next. */
export function drawScreen(stream: NodeJS.WriteStream, lines: readonly string[], isLive: boolean): void {
  const text = `${lines.map(printableText).join('\n')}\n`;
  if (!isLive) stream.write(text);
  else stream.write(stream.isTTY ? `${HOME_AND_CLEAR}${text}` : `${text}\n`);
}
