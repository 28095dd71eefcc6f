import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter } from '../../src/runner/line-splitter.js';
import { createRedactor } from '../../src/runner/redactor.js';

function redactorOf(...secrets: string[]) {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

describe('a redactor', () => {
  it.each([
    ['as it is', 'p@ss (word)+$', 'x p@ss (word)+$ y', 'x *** y'],
    ['twice', 'hunter22', 'hunter22hunter22', '******'],
    ['as JSON', 'a"b\\c d', JSON.stringify({ key: 'a"b\\c d' }), '{"key":"***"}'],
    ['in an address', 'a b&c=d', `https://x/?k=${encodeURIComponent('a b&c=d')}`, 'https://x/?k=***'],
    ['in base64', 'hunter22', Buffer.from('hunter22').toString('base64'), '***'],
    ['in base64 of echo', 'hunter22', Buffer.from('hunter22\n').toString('base64'), '***'],
    ['in hex', 'hunter22', Buffer.from('hunter22').toString('hex'), '***'],
    ['a line of several', 'first line\nsecond line', 'so: second line.', 'so: ***.'],
    ['without the line end of its file', 'hunter22\n', 'pw=hunter22!', 'pw=***!'],
    ['unicode', 'clavé-ñandú', 'la clavé-ñandú!', 'la ***!'],
  ])('hides a secret %s', (_, secret, text, expected) => {
    expect(redactorOf(secret).redact(text)).toBe(expected);
  });

  it('hides the longer of two, and leaves what is too short', () => {
    expect(redactorOf('abcd', 'abcdefgh').redact('abcdefgh abcd')).toBe('*** ***');
    expect(redactorOf('abc').redact('abc')).toBe('abc');
    expect(redactorOf().longest).toBe(0);
  });
});

describe('a log whose lines are split and hidden', () => {
  it('never shows a secret, however it comes in pieces and wherever lines are cut', () => {
    const letter = fc.constantFrom('a', 'b', ' ', 'é', '\n', '😀');
    const noise = fc.string({ unit: letter, maxLength: 80 });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('X', 'Y', 'Z', 'é'), minLength: 4, maxLength: 60 }),
        fc.array(noise, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 8, max: 40 }),
        (secret, noises, sizes, maxLine) => {
          const text = noises.join(secret);
          const bytes = Buffer.from(text);
          const splitter = createLineSplitter({ maxLine, redactor: redactorOf(secret) });
          const lines: string[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            lines.push(...splitter.push(bytes.subarray(at, at + size)));
            at += size;
          }
          lines.push(...splitter.end());
          expect(lines.every((line) => line.length <= maxLine)).toBe(true);
          // Put together again as a reader would, and as they stand.
          const whole = lines.join('\n').replaceAll('…\n…', '');
          expect(whole).not.toContain(secret);
          expect(whole).not.toMatch(/[XYZ]/);
          // Where the noise begins as the secret does, what comes first is what is hidden.
          const expected = text.replaceAll(secret, '***').replace(/\n$/, '');
          expect(whole).toBe(expected);
        },
      ),
      { numRuns: process.env['ROC_TEST_SIZE'] === 'long' ? 5000 : 500 },
    );
  });
});
