import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerLine } from './ledger.js';
import { type JobAccount, judge } from './verdict.js';

const MS = 1e6;
const line = (phase: LedgerLine['phase'], at: number, more: Partial<LedgerLine> = {}): LedgerLine => ({
  ...{ job: 'a', epoch: 1, version: '1.0.0', phase, at: at * MS },
  ...more,
});
const job = (more: Partial<JobAccount> = {}): JobAccount => ({
  ...{ id: 'a', state: 'succeeded', version: '1.0.0', epoch: 1, finished: 1, leased: [1] },
  output: { job: more.id ?? 'a', epoch: more.epoch ?? 1 },
  ...more,
});
const GOOD = {
  lost: [],
  notOnce: [],
  repeated: [],
  unexplained: [],
  wrongVersion: [],
  wrongOutput: [],
  unasked: [],
  overlapMs: 0,
};

describe('judge', () => {
  it('finds nothing where each accepted job ran once and ended once', () => {
    expect(judge(['a'], [line('start', 1), line('end', 2)], [job()])).toEqual({ accepted: 1, ...GOOD });
  });

  it.each<[string, LedgerLine[], JobAccount[], Partial<typeof GOOD>]>([
    ['an accepted job that the database does not know', [], [], { lost: ['a'] as never }],
    [
      'one that is still queued',
      [],
      [job({ state: 'queued', finished: 0 })],
      { lost: ['a'], notOnce: ['a'] } as never,
    ],
    ['one that succeeded without any robot', [], [job()], { lost: ['a'] as never }],
    ...[null, { job: 'b', epoch: 1 }, { job: 'a', epoch: 2 }].map(
      (output): [string, LedgerLine[], JobAccount[], Partial<typeof GOOD>] => [
        `one with the output ${JSON.stringify(output)}`,
        [line('start', 1), line('end', 2)],
        [job({ output })],
        { wrongOutput: ['a'] as never },
      ],
    ),
    ['one whose robot never ended', [line('start', 1)], [job()], { lost: ['a'] as never }],
    [
      'a result under another epoch than that of the robot that ended',
      [line('start', 1), line('end', 2)],
      [job({ epoch: 2, leased: [1, 2] })],
      { lost: ['a'] as never },
    ],
    ['two ends', [line('start', 1), line('end', 2)], [job({ finished: 2 })], { notOnce: ['a'] as never }],
    [
      'two robots under one epoch',
      [line('start', 1), line('start', 1), line('end', 2)],
      [job()],
      { repeated: ['a'], unexplained: ['a'] } as never,
    ],
    [
      'a robot under an epoch that nobody leased',
      [line('start', 1), line('end', 2), line('start', 3, { epoch: 9 })],
      [job()],
      { repeated: ['a'], unexplained: ['a'] } as never,
    ],
    [
      'an end whose robot never started',
      [line('start', 1), line('end', 2), line('end', 3)],
      [job()],
      { repeated: ['a'], unexplained: ['a'] } as never,
    ],
    [
      'another version than the pinned one',
      [line('start', 1, { version: '2.0.0' }), line('end', 2, { version: '2.0.0' })],
      [job()],
      { wrongVersion: ['a'] as never },
    ],
    [
      'a job that nobody asked for',
      [line('start', 1), line('end', 2)],
      [job(), job({ id: 'b' })],
      { unasked: ['b'] as never },
    ],
    [
      'two robots at once, each under its own epoch',
      [line('start', 1), line('start', 5, { epoch: 2 }), line('end', 8), line('end', 9, { epoch: 2 })],
      [job({ epoch: 2, leased: [1, 2] })],
      { repeated: ['a'], overlapMs: 3 } as never,
    ],
  ])('finds %s', (_, ledger, jobs, found) => {
    expect(judge(['a'], ledger, jobs)).toEqual({ accepted: 1, ...GOOD, ...found });
  });

  it('never calls a job lost that a robot finished under the epoch of its result, whatever else happened', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (epochs) => {
        const last = Math.max(...epochs);
        const ledger = epochs.flatMap((epoch) => [
          line('start', epoch * 10, { epoch }),
          ...(epoch === last ? [line('end', epoch * 10 + 5, { epoch })] : []),
        ]);
        const { lost, unexplained } = judge(['a'], ledger, [job({ epoch: last, leased: epochs })]);
        expect([lost, unexplained]).toEqual([[], []]);
      }),
    );
  });
});
