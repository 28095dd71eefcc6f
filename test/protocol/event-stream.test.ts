import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventStreamReader, type ServerEvent } from '../../src/protocol/event-stream.js';

function readAll(pieces: readonly string[], lastEventId?: string): ServerEvent[] {
  const reader = createEventStreamReader(lastEventId);
  return pieces.flatMap((piece) => reader.push(piece));
}

describe('the event stream reader', () => {
  it.each<[string, string, ServerEvent[]]>([
    [
      'reads type, data and id',
      'id: 7\nevent: log\ndata: {"a":1}\n\n',
      [{ type: 'log', data: '{"a":1}', id: '7' }],
    ],
    ['calls an unnamed event message', 'data: x\n\n', [{ type: 'message', data: 'x', id: '' }]],
    ['joins data lines', 'data: a\ndata: b\n\n', [{ type: 'message', data: 'a\nb', id: '' }]],
    ['takes one space after the colon', 'data:  x\n\n', [{ type: 'message', data: ' x', id: '' }]],
    [
      'ignores comments and unknown fields',
      ': hi\nretry: 5\nfoo: y\ndata: x\n\n',
      [{ type: 'message', data: 'x', id: '' }],
    ],
    ['sends nothing without data', 'event: log\nid: 3\n\n', []],
    ['sends nothing for an event that is not finished', 'data: x\n', []],
    ['reads a field without a colon as empty', 'data\n\n', [{ type: 'message', data: '', id: '' }]],
    [
      'keeps the id for later events',
      'id: 1\ndata: a\n\ndata: b\n\n',
      [
        { type: 'message', data: 'a', id: '1' },
        { type: 'message', data: 'b', id: '1' },
      ],
    ],
    ['ignores an id with a NUL', 'id: a\0b\ndata: x\n\n', [{ type: 'message', data: 'x', id: '' }]],
  ])('%s', (_, text, expected) => {
    expect(readAll([text])).toEqual(expected);
    expect(readAll([text.replaceAll('\n', '\r\n')])).toEqual(expected);
    expect(readAll([text.replaceAll('\n', '\r')])).toEqual(expected);
  });

  it('starts from the id it is given', () => {
    expect(readAll(['data: x\n\n'], '41')).toEqual([{ type: 'message', data: 'x', id: '41' }]);
  });

  it('reads the same whatever the pieces', () => {
    const line = fc.constantFrom('data: a', 'data: bb', 'event: log', 'id: 9', ': c', '', '', 'data');
    const ending = fc.constantFrom('\n', '\r\n', '\r');
    const text = fc
      .array(fc.tuple(line, ending), { maxLength: 30 })
      .map((lines) => lines.map(([l, e]) => l + e).join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(200), { maxLength: 20 }), (whole, cuts) => {
        const at = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
        const pieces = at.slice(1).map((end, i) => whole.slice(at[i], end));
        expect(pieces.join('')).toBe(whole);
        expect(readAll(pieces)).toEqual(readAll([...whole]));
      }),
    );
  });

  it('gives up on an event without an end', () => {
    const reader = createEventStreamReader();
    const piece = `data: ${'x'.repeat(1024 * 1024)}`;
    expect(() => {
      for (let i = 0; i < 10; i++) reader.push(piece);
    }).toThrow(/over \d+ characters/);
    const lines = createEventStreamReader();
    expect(() => {
      for (let i = 0; i < 10; i++) lines.push(`${piece}\n`);
    }).toThrow(/over \d+ characters/);
  });
});
