import { expect, it } from 'vitest';
import type { Outcome } from './play.js';
import { faultTables } from './report.js';
import { judge } from './verdict.js';

const outcome = (more: Partial<Outcome>): Outcome => ({
  ...judge([], [], []),
  ...{ accepted: 10, deadlocks: 0, rowsReadPerJob: 3, settledMs: 1000, refused: 0, failedAttempts: 0 },
  ...{ recoveries: [], complaints: [] },
  ...more,
});
const run = (name: string, seed: number, more: Partial<Outcome>) => ({
  ...{ scenario: { name, recovery: 'it is well' }, seed, outcome: outcome(more), tookMs: 1 },
});

it('adds up the seeds of a fault, and tells the worst of what cannot be added', () => {
  const text = faultTables([
    run('a', 1, { repeated: ['x'], settledMs: 500, recoveries: [1000, 3000] }),
    run('b', 1, { lost: ['y'], refused: 4, failedAttempts: 2 }),
    run('a', 2, { repeated: ['x', 'z'], settledMs: 2500, recoveries: [2000], overlapMs: 7.4 }),
  ]);
  const rows = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows[2]).toEqual(['', 'a', '1, 2', '20', '0', '0', '3', '0', '0', '0', '0', '7 ms', '2.5 s', '']);
  expect(rows[3]).toEqual(['', 'b', '1', '10', '1', '0', '0', '0', '2', '0', '4', '0 ms', '1.0 s', '']);
  expect(rows.at(-2)).toEqual(['', 'a', 'it is well', '3', '2.0 s', '3.0 s', '']);
  expect(text).not.toMatch(/\| b \| it is well/);
});
