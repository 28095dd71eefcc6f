import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTINUED, createLineSplitter, MAX_LINE } from '../../src/runner/line-splitter.js';

function linesOf(chunks: readonly Buffer[], maxLine?: number): string[] {
  const splitter = createLineSplitter({ maxLine });
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

function chunked(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

/** Puts the pieces of cut lines together again. */
function joined(lines: readonly string[]): string[] {
  const whole: string[] = [];
  let open = false;
  for (const line of lines) {
    const head = open ? line.slice(CONTINUED.length) : line;
    if (open) whole.push(`${whole.pop()}${head}`);
    else whole.push(head);
    open = line.length > CONTINUED.length * 2 && line.endsWith(CONTINUED);
    if (open) whole.push((whole.pop() ?? '').slice(0, -CONTINUED.length));
  }
  return whole;
}

describe('a line splitter', () => {
  it.each([
    ['nothing', '', []],
    ['no line end', 'abc', ['abc']],
    ['a line end', 'abc\n', ['abc']],
    ['empty lines', '\n\na\n', ['', '', 'a']],
    ['Windows line ends', 'a\r\nb\r\n', ['a', 'b']],
    ['a carriage return inside', '10%\r20%\n', ['10%\r20%']],
    ['control characters', 'a\u0000b\u001b[31mc\n', ['a\u0000b\u001b[31mc']],
  ])('reads %s', (_, text, expected) => {
    expect(linesOf([Buffer.from(text)])).toEqual(expected);
  });

  it('keeps characters whole wherever the chunks are cut', () => {
    const bytes = Buffer.from('año 😀 終\n');
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(linesOf([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(['año 😀 終']);
  });

  it('takes bytes that are no UTF-8, and half a character at the end', () => {
    expect(linesOf([Buffer.from([0xff, 0xfe, 0x0a, 0x41, 0xe2, 0x82])])).toEqual(['\ufffd\ufffd', 'A\ufffd']);
  });

  it('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300, size: 'max' }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (data, cuts) => {
          const bytes = Buffer.from(data);
          expect(linesOf(chunked(bytes, cuts), 16)).toEqual(linesOf([bytes], 16));
        },
      ),
    );
  });

  it('loses nothing and makes no line longer than its limit', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '終', '😀', 'b', 'c', 'd', 'ö', '\n', '\r'),
      maxLength: 400,
      size: 'max',
    });
    fc.assert(
      fc.property(
        text,
        fc.array(fc.nat(), { maxLength: 5 }),
        fc.integer({ min: 6, max: 40 }),
        (whole, cuts, max) => {
          const lines = linesOf(chunked(Buffer.from(whole), cuts), max);
          for (const line of lines) {
            expect(line.length).toBeLessThanOrEqual(max);
            expect(line).not.toMatch(/\p{Surrogate}/u);
          }
          const expected = whole.split('\n').map((line) => line.replace(/\r$/, ''));
          if (expected.at(-1) === '' && !whole.endsWith('\r')) expected.pop();
          expect(joined(lines)).toEqual(expected);
        },
      ),
    );
  });

  it('cuts a long line into marked pieces that the server takes', () => {
    const lines = linesOf([Buffer.from(`${'x'.repeat(20_000)}\nshort\n`)]);
    expect(lines.map((line) => line.length)).toEqual([
      MAX_LINE,
      MAX_LINE,
      20_000 - 2 * (MAX_LINE - 1) + 1 + 1,
      5,
    ]);
    expect(lines[0]?.endsWith(CONTINUED)).toBe(true);
    expect(lines[1]?.startsWith(CONTINUED)).toBe(true);
    expect(lines[2]?.startsWith(CONTINUED)).toBe(true);
  });

  it('holds no more than a line of an endless one', () => {
    const splitter = createLineSplitter();
    let longest = 0;
    for (let i = 0; i < 100; i++)
      longest = Math.max(longest, splitter.push(Buffer.alloc(65_536, 0x61)).length);
    expect(longest).toBeLessThanOrEqual(9);
    expect(splitter.end().join('').length).toBeLessThanOrEqual(MAX_LINE);
  });
});
