import { expect, it } from 'vitest';
import { givenBackMs, type HistoryEvent } from './given-back.js';

const event = (type: string, at: number, detail: string | null = null): HistoryEvent => ({
  type,
  at,
  detail,
});
const RUNNING = [event('enqueued', 0), event('leased', 10, 'r1'), event('started', 11)];

it.each<[string, HistoryEvent[], number[]]>([
  ['a lease that was lost', [...RUNNING, event('lost', 70), event('requeued', 70)], [50]],
  [
    'an offer that had not begun',
    [event('enqueued', 0), event('leased', 10, 'r1'), event('released', 40)],
    [20],
  ],
  ['a result that still came', [...RUNNING, event('finished', 30)], []],
  ['a job that had ended before', [...RUNNING, event('finished', 15)], []],
  [
    'a job that another runner has by then',
    [...RUNNING, event('lost', 15), event('requeued', 15), event('leased', 16, 'r2'), event('lost', 90)],
    [],
  ],
  ['a job that was leased later', [event('enqueued', 0), event('leased', 25, 'r1'), event('lost', 90)], []],
  ['one that was never given back', RUNNING, []],
])('%s', (_, history, expected) => {
  expect(givenBackMs([history], [{ runner: 'r1', at: 20 }])).toEqual(expected);
});
