import { describe, expect, it } from 'vitest';
import { eventText, type RunnerEvent } from '../../src/runner/events.js';

describe('what a runner tells a person', () => {
  const job = { jobId: '01JZ', attempt: 2, process: 'totals' };
  it.each<[RunnerEvent, string]>([
    [
      { event: 'registered', runnerId: '01R', name: 'host-1', pool: 'gpu', url: 'http://x' },
      'registered as host-1 in pool gpu at http://x',
    ],
    [
      { event: 'waiting', name: 'host-1', pool: 'gpu', slots: 2, url: 'http://x' },
      'host-1 waits for jobs of pool gpu at http://x (2 at a time)',
    ],
    [
      { event: 'job-started', ...job, version: '1.0.0', pid: 7, spawnedAt: 1 },
      'job 01JZ: totals 1.0.0 started, attempt 2 (pid 7)',
    ],
    [
      { event: 'job-ended', ...job, outcome: 'succeeded', message: null, durationMs: 1500 },
      'job 01JZ: succeeded after 1.5s',
    ],
    [
      {
        event: 'job-ended',
        ...job,
        outcome: 'failed',
        message: 'no \u001b[31mpage\nat all',
        durationMs: 65_000,
      },
      'job 01JZ: failed after 1m 5s: no  [31mpage at all',
    ],
    [
      { event: 'job-ended', ...job, outcome: 'fenced', message: null, durationMs: 1 },
      'job 01JZ: ended after 1ms: its lease could not be renewed',
    ],
    [{ event: 'orphans-ended', processes: 1 }, 'ended 1 process that an earlier runner left behind'],
    [{ event: 'results-found', results: 2 }, '2 results of an earlier runner to be delivered'],
    [
      { event: 'result-delivered', jobId: '01JZ', outcome: 'failed' },
      'job 01JZ: the result (failed) was delivered',
    ],
    [{ event: 'result-dropped', jobId: '01JZ', message: 'gone' }, 'job 01JZ: the result was dropped: gone'],
    [{ event: 'unreachable', message: 'x' }, 'out of reach of the server: x'],
    [{ event: 'reachable' }, 'the server answers again'],
    [{ event: 'draining', running: 1, by: 'signal' }, 'takes no new jobs; still to end: 1'],
    [{ event: 'draining', running: 0, by: 'server' }, 'takes no new jobs, as the server asks'],
    [{ event: 'stopped' }, 'stopped'],
    [{ event: 'warning', message: 'a\nb' }, 'warning: a b'],
  ])('%j', (event, text) => {
    expect(eventText(event)).toBe(text);
  });
});
