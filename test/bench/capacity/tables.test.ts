import { expect, it } from 'vitest';
import { told } from '../bench-row.js';
import { asTables } from './tables.js';

const row = (name: string, value: number, unit: string, measured: number | null = null) =>
  told({ case: name, value, unit, against: 'measured', againstValue: measured });

it('tells rows as the tables that a page holds', () => {
  const text = asTables([
    row('idle runner, node', 58.02, 'µs/s'),
    row('idle runner, database', 37.78, 'µs/s'),
    row('round trips: start, alone', 6, 'packets'),
    row('round trips: start, each further one', 1, 'packets'),
    row('predicted: queue emptied by 8 runners, batch 10, rate', 1364, 'jobs/s', 1240),
    row('predicted: 50 jobs/s offered to 8 waiting runners, enqueue to claim, p50', 7.584, 'ms', 9.48),
    row('assumed: 2 × t3.small, all jobs of one tenant: highest rate', 2141.4, 'jobs/s'),
    row('assumed: 2 × t3.small, all jobs of one tenant: log writes then', 246.2, '1/s'),
    row('assumed: 10,000 runners, 10 million jobs a day: nodes, filled to 65 %', 5, 'nodes'),
  ]);
  const lines = text.split('\n');
  expect(lines).toContain('| idle runner | 58 µs/s | 37.8 µs/s |');
  expect(lines).toContain('| start | 6 packets | 1 packets |');
  expect(lines).toContain(
    '| queue emptied by 8 runners, batch 10 | rate | 1,364 jobs/s | 1,240 jobs/s | 1.1 |',
  );
  expect(lines).toContain(
    '| 50 jobs/s offered to 8 waiting runners | enqueue to claim, p50 | 7.58 ms | 9.48 ms | 0.8 |',
  );
  expect(lines).toContain(
    '| 2 × t3.small, all jobs of one tenant | 2,141 jobs/s | - | - | 246 a second | - |',
  );
  expect(lines).toContain('| nodes, filled to 65 % | 5 nodes |');
  expect(lines).toContain('| | alone | each further one at once |');
});
