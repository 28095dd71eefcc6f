import fc from 'fast-check';
import { expect, it } from 'vitest';
import { acceptLines, type LogLine, type LogState } from '../../../src/orchestrator/decide/log-lines.js';

const line = (seq: number, text = 'x'): LogLine => ({ seq, at: 0, stream: 'stdout', text });
const START: LogState = { nextSeq: 1, lines: 0, bytes: 0 };
const WIDE = { lines: 1e6, bytes: 1e9 };

it('stores what any way of sending, repeating and losing batches delivers, once and in order', () => {
  const batches = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 10 })));
  fc.assert(
    fc.property(batches, (sent) => {
      let state = START;
      const stored: number[] = [];
      for (const [from, count] of sent) {
        const before = state.nextSeq;
        const decision = acceptLines(
          state,
          Array.from({ length: count }, (_, at) => line(from + at)),
          WIDE,
        );
        state = decision.state;
        stored.push(...decision.store.map(({ seq }) => seq));
        const covers = from <= before && before < from + count;
        expect(state.nextSeq).toBe(covers ? from + count : before);
      }
      expect(stored).toEqual(Array.from({ length: state.nextSeq - 1 }, (_, at) => at + 1));
    }),
  );
});

it('cuts at the number of lines or of bytes, once, and goes on counting', () => {
  const batch = Array.from({ length: 6 }, (_, at) => line(at + 1, 'ab'));
  const byLines = acceptLines(START, batch, { lines: 3, bytes: 1e9 });
  expect(byLines.store.map(({ stream }) => stream)).toEqual(['stdout', 'stdout', 'system']);
  const byBytes = acceptLines(START, batch, { lines: 1e6, bytes: 4 });
  expect(byBytes.store.map(({ seq, stream }) => [seq, stream])).toEqual([
    [1, 'stdout'],
    [2, 'system'],
  ]);
  for (const { state, limits } of [
    { state: byLines.state, limits: { lines: 3, bytes: 1e9 } },
    { state: byBytes.state, limits: { lines: 1e6, bytes: 4 } },
  ]) {
    expect(state.nextSeq).toBe(7);
    expect(acceptLines(state, [line(7)], limits)).toMatchObject({ store: [], state: { nextSeq: 8 } });
  }
});
