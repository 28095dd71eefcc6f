import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printableLine, printablePlain, printableText } from '../../src/cli/printable.js';

const RED = '\u001b[31m';
const COLOUR = new RegExp(`${'\u001b'}\\[[\\d;]*m`, 'g');
const PLAIN = '\u001b[0m';

describe('text for a terminal', () => {
  it.each([
    ['plain — ünïcödé 日本', 'plain — ünïcödé 日本', 'plain — ünïcödé 日本'],
    ['two\nlines\tand a tab', 'two lines and a tab', 'two\nlines\tand a tab'],
    ['over\rwritten', 'over written', 'overwritten'],
    [`${RED}red${PLAIN}`, '\ufffd[31mred\ufffd[0m', `${RED}red${PLAIN}`],
    ['clear\u001b[2Jscreen', 'clear\ufffd[2Jscreen', 'clear\ufffd[2Jscreen'],
    ['title\u001b]0;x\u0007', 'title\ufffd]0;x\ufffd', 'title\ufffd]0;x\ufffd'],
    ['one-byte CSI \u009b2J', 'one-byte CSI \ufffd2J', 'one-byte CSI \ufffd2J'],
    ['reversed \u202egnp.exe', 'reversed \ufffdgnp.exe', 'reversed \ufffdgnp.exe'],
    ['\u2066isolated\u2069', '\ufffdisolated\ufffd', '\ufffdisolated\ufffd'],
    ['\u200fright \u061cto\u200e left', '\ufffdright \ufffdto\ufffd left', '\ufffdright \ufffdto\ufffd left'],
    ['a line\u2028of its own', 'a line of its own', 'a line\ufffdof its own'],
  ])('%j', (text, line, lines) => {
    expect(printableLine(text)).toBe(line);
    expect(printableText(text)).toBe(lines);
  });

  it('without colours: what is foreign may not hide what follows', () => {
    expect(printablePlain(`${RED}a\u001b[8m\tb\r\nc${PLAIN}`)).toBe('\ufffd[31ma\ufffd[8m\tb\nc\ufffd[0m');
  });

  it('lets no control character through, whatever comes in', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('\u001b', '[', ';', '3', 'm', 'J', '\r', '\n', '\u009b', '\u0000'),
    });
    fc.assert(
      fc.property(hostile, (text) => {
        expect(printableLine(text)).not.toMatch(/\p{Cc}/u);
        expect(printablePlain(text)).not.toMatch(/[^\P{Cc}\n\t]/u);
        expect(printableText(text).replaceAll(COLOUR, '')).not.toMatch(/[^\P{Cc}\n\t]/u);
      }),
    );
  });
});
