import { describe, expect, it, vi } from 'vitest';
import { RocError } from '../../src/kernel/errors.js';
import { heartbeatLoop } from '../../src/runner/heartbeat-loop.js';
import { createJobControl } from '../../src/runner/job-control.js';
import { createJobTable } from '../../src/runner/job-table.js';
import type { Link } from '../../src/runner/link.js';
import { pollLoop } from '../../src/runner/poll-loop.js';
import { createSession } from '../../src/runner/session.js';
import { createWakeUp } from '../../src/runner/wake-up.js';
import { type FakeTiming, fakeTiming } from '../helpers/fake-timing.js';

const facts = { os: 'linux', arch: 'x64', version: '1', labels: {}, slots: 2 } as const;
const answer = (status: number, retryAfter: string | null = null) =>
  new RocError('ROC_UNEXPECTED', String(status), { details: { status, retryAfter } });

type Handler = (route: string, body: Record<string, unknown>) => unknown;

/** A link whose answers are made by `handle`, and what the loops need around it. */
function scene(handle: Handler) {
  const timing = fakeTiming();
  const calls: { route: string; at: number; body: Record<string, unknown> }[] = [];
  let sessions = 0;
  const link: Link = {
    serverNow: Date.now,
    asset: () => Promise.reject(new TypeError('nobody asks')),
    timeoutMs: 10_000,
    async call(route, { body: sent }) {
      const body = (sent ?? {}) as Record<string, unknown>;
      calls.push({ route, at: timing.mono(), body });
      const made = handle(route, body);
      if (made instanceof Error) throw made;
      if (made !== undefined || route !== 'runner.session') return made as never;
      sessions += 1;
      return {
        sessionEpoch: sessions,
        heartbeatMs: 15_000,
        leaseMs: 60_000,
        adopt: [],
        abandon: [],
      } as never;
    },
    download: () => Promise.reject(new TypeError('not here')),
  };
  const stop = new AbortController();
  const jobs = createJobTable();
  const onFailure = vi.fn();
  const session = createSession({ link, facts, jobs, timing, signal: stop.signal, onFailure });
  const loop = { link, session, jobs, timing, signal: stop.signal, onFailure };
  const timesOf = (route: string) => calls.filter((call) => call.route === route).map(({ at }) => at);
  return { timing, calls, timesOf, stop, jobs, loop, onFailure };
}

/** A poll that is held by the server for as long as it was asked to. */
const held = (timing: FakeTiming, body: Record<string, unknown>) =>
  timing.sleep(Number(body['waitMs'])).then(() => ({ jobs: [], drain: false }));

describe('the poll loop', () => {
  const poll = (handle: Handler, options: Partial<Parameters<typeof pollLoop>[0]> = {}) => {
    const made = scene(handle);
    const accept = vi.fn();
    const ended = pollLoop({
      ...{ ...made.loop, slots: 2, accept, obstacle: () => null, onAnswer: () => true },
      ...options,
    });
    ended.catch(() => {});
    return { ...made, accept, ended };
  };

  it('asks for nothing while there is an obstacle, and looks whether it is gone with pauses that grow', async () => {
    let looks = 0;
    const { timing, timesOf, ended } = poll(
      (route) => (route === 'runner.poll' ? { jobs: [], drain: false } : undefined),
      { obstacle: () => (++looks < 4 ? 'no room' : null), onAnswer: () => false },
    );
    await timing.advance(60_000);
    await ended;
    expect(timesOf('runner.poll')).toHaveLength(1);
    expect(timesOf('runner.poll')[0]).toBeGreaterThan(2000);
  });

  it('asks again as soon as a held poll ends, for the slots that are free', async () => {
    const made: ReturnType<typeof poll> = poll((route, body) =>
      route === 'runner.poll' ? held(made.timing, body) : undefined,
    );
    await made.timing.advance(60_000);
    expect(made.timesOf('runner.poll')).toEqual([0, 24_000, 48_000]);
    expect(made.calls[1]?.body).toEqual({ sessionEpoch: 1, freeSlots: 2, waitMs: 24_000 });
    made.stop.abort();
  });

  it('waits without asking while no slot is free', async () => {
    const made: ReturnType<typeof poll> = poll(
      (route, body) => (route === 'runner.poll' ? held(made.timing, body) : undefined),
      { slots: 1 },
    );
    const job = createJobControl({ jobId: 'a', epoch: 1 }, 60_000, 0);
    made.jobs.add(job);
    await made.timing.advance(300_000);
    expect(made.timesOf('runner.poll')).toEqual([]);
    job.robotEnded();
    made.jobs.freed();
    await made.timing.settle();
    expect(made.timesOf('runner.poll')).toEqual([300_000]);
    made.stop.abort();
  });

  it('slows down when it is answered at once with nothing', async () => {
    const { timing, timesOf, stop } = poll((route) =>
      route === 'runner.poll' ? { jobs: [], drain: false } : undefined,
    );
    await timing.advance(20_000);
    expect(timesOf('runner.poll')).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 11_300, 16_300]);
    stop.abort();
  });

  it('asks with every heartbeat only while it is drained', async () => {
    const { timing, timesOf, stop } = poll((route) =>
      route === 'runner.poll' ? { jobs: [], drain: true } : undefined,
    );
    await timing.advance(45_000);
    expect(timesOf('runner.poll')).toEqual([0, 15_000, 30_000, 45_000]);
    stop.abort();
  });

  it('backs off when it fails, longer where it is asked to', async () => {
    const failures = [answer(500), answer(500), answer(503, '20')];
    const { timing, timesOf, stop, onFailure } = poll((route) =>
      route === 'runner.poll' ? (failures.shift() ?? answer(500)) : undefined,
    );
    await timing.advance(30_000);
    expect(timesOf('runner.poll')).toEqual([0, 500, 1500, 21_500, 25_500]);
    expect(onFailure).toHaveBeenCalledTimes(5);
    stop.abort();
  });

  it('opens another session when its own is over', async () => {
    const { timing, calls, stop } = poll((route, { sessionEpoch }) => {
      if (route !== 'runner.poll') return undefined;
      return sessionEpoch === 1 ? answer(410) : { jobs: [], drain: false };
    });
    await timing.advance(2000);
    expect(calls.map(({ route }) => route).slice(0, 4)).toEqual([
      ...['runner.session', 'runner.poll', 'runner.session', 'runner.poll'],
    ]);
    stop.abort();
  });

  it('takes no more jobs than it asked for', async () => {
    const { timing, accept, stop } = poll(
      (route) => (route === 'runner.poll' ? { jobs: [1, 2, 3], drain: false } : undefined),
      { onAnswer: () => false },
    );
    await timing.settle();
    expect(accept.mock.calls).toEqual([
      [1, 0],
      [2, 0],
    ]);
    stop.abort();
  });

  it('ends with what says that this runner is not wanted', async () => {
    const { ended } = poll((route) => (route === 'runner.poll' ? answer(426) : undefined));
    await expect(ended).rejects.toThrow('426');
  });
});

describe('the heartbeat loop', () => {
  const beat = (handle: Handler) => {
    const made = scene(handle);
    const news = createWakeUp();
    const ended = heartbeatLoop({ ...made.loop, news: news.next, onAnswer: () => {} });
    ended.catch(() => {});
    return { ...made, news, ended };
  };
  const fine = { renewed: [], cancel: [], lost: [], drain: false };

  it('beats as often as the server says', async () => {
    const { timing, timesOf, stop } = beat((route) => (route === 'runner.heartbeat' ? fine : undefined));
    await timing.advance(60_000);
    expect(timesOf('runner.heartbeat')).toEqual([0, 15_000, 30_000, 45_000, 60_000]);
    stop.abort();
  });

  it('beats sooner when there is news, but never closer than a second', async () => {
    const { timing, timesOf, stop, news } = beat((route) =>
      route === 'runner.heartbeat' ? fine : undefined,
    );
    await timing.advance(300);
    news.ring();
    await timing.advance(4700);
    news.ring();
    news.ring();
    await timing.advance(20_000);
    expect(timesOf('runner.heartbeat')).toEqual([0, 1000, 5000, 20_000]);
    stop.abort();
  });

  it('tries again soon when a beat fails, as the lease goes on running out', async () => {
    const { timing, timesOf, stop } = beat((route) =>
      route === 'runner.heartbeat' ? answer(500) : undefined,
    );
    await timing.advance(15_000);
    expect(timesOf('runner.heartbeat')).toEqual([0, 250, 750, 1750, 3750, 7750, 12_750]);
    stop.abort();
  });

  it('renews leases by when it was sent, stops what is to be stopped, drops what is lost', async () => {
    const refs = ['a', 'b', 'c'].map((jobId) => ({ jobId, epoch: 1 }));
    const made: ReturnType<typeof beat> = beat((route) => {
      if (route !== 'runner.heartbeat' || made.timing.mono() === 0)
        return route === 'runner.heartbeat' ? fine : undefined;
      return {
        renewed: [refs[0], refs[1]],
        cancel: [{ ...refs[1], graceMs: 900 }],
        lost: [refs[2]],
        drain: false,
      };
    });
    const jobs = refs.map((ref) => createJobControl(ref, 60_000, 0));
    for (const job of jobs) made.jobs.add(job);
    if (jobs[0]) jobs[0].progress = { percent: 5, message: 'x' };
    await made.timing.advance(15_000);
    expect(jobs.map(({ reason, fencedAt, graceMs }) => [reason, fencedAt, graceMs])).toEqual([
      [null, 65_000, 0],
      ['cancel', 65_000, 900],
      ['lost', 50_000, 0],
    ]);
    expect(made.calls.at(-1)?.body).toEqual({
      sessionEpoch: 1,
      jobs: [{ ...refs[0], progress: { percent: 5, message: 'x' } }, refs[1], refs[2]],
    });
    made.stop.abort();
  });

  it('carries the jobs whose robots run before all others, and no more than a request may hold', async () => {
    const made = scene((route) => (route === 'runner.heartbeat' ? fine : undefined));
    for (let i = 0; i < 300; i++) {
      const job = createJobControl({ jobId: `j${i}`, epoch: 1 }, 60_000, 0);
      if (i !== 299) job.robotEnded();
      made.jobs.add(job);
    }
    const ended = heartbeatLoop({ ...made.loop, news: createWakeUp().next, onAnswer: () => {} });
    await made.timing.settle();
    const told = made.calls.at(-1)?.body['jobs'] as { jobId: string }[];
    expect([told.length, told[0]?.jobId]).toEqual([256, 'j299']);
    made.stop.abort();
    await ended;
  });
});

describe('a session', () => {
  it('is opened once for all who ask, with what is in hand', async () => {
    const { loop, calls, jobs } = scene(() => undefined);
    jobs.add(createJobControl({ jobId: 'a', epoch: 3 }, 60_000, 0));
    const [one, two] = await Promise.all([loop.session.terms(), loop.session.terms()]);
    expect(one).toBe(two);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.body).toMatchObject({ ...facts, running: [{ jobId: 'a', epoch: 3 }] });
  });

  it('kills what it does not let go on', async () => {
    const kept = createJobControl({ jobId: 'a', epoch: 3 }, 60_000, 0);
    const gone = createJobControl({ jobId: 'b', epoch: 1 }, 60_000, 0);
    const { loop, jobs } = scene(() => ({
      ...{ sessionEpoch: 1, heartbeatMs: 1, leaseMs: 1, adopt: [{ jobId: 'a', epoch: 3 }] },
      abandon: [{ jobId: 'b', epoch: 1 }],
    }));
    jobs.add(kept);
    jobs.add(gone);
    await loop.session.terms();
    expect([kept.reason, gone.reason]).toEqual([null, 'lost']);
  });

  it('is not over because a former one is', async () => {
    const { loop, calls } = scene(() => undefined);
    await loop.session.terms();
    loop.session.ended(99);
    await loop.session.terms();
    expect(calls).toHaveLength(1);
  });

  it('is opened ever more slowly when it is taken away again and again', async () => {
    const { loop, timing, timesOf } = scene(() => undefined);
    for (let epoch = 1; epoch <= 5; epoch++) {
      const opening = loop.session.terms();
      await timing.advance(60_000 * Number(epoch === 5));
      for (let i = 0; i < 20; i++) await timing.advance(500);
      await opening;
      loop.session.ended(epoch);
    }
    const opened = timesOf('runner.session');
    const gaps = opened.slice(1).map((at, index) => at - (opened[index] ?? 0));
    expect(gaps.every((gap) => gap >= 500)).toBe(true);
    expect(timing.slept).toEqual([500, 1000, 2000, 4000]);
  });

  it('is left at most once, and a failure to leave is no harm', async () => {
    const { loop, timesOf } = scene((route) => (route === 'runner.leave' ? answer(500) : undefined));
    await loop.session.leave(1000);
    expect(timesOf('runner.leave')).toEqual([]);
    await loop.session.terms();
    await loop.session.leave(1000);
    await loop.session.leave(1000);
    expect(timesOf('runner.leave')).toHaveLength(1);
    expect(loop.onFailure).toHaveBeenCalledTimes(1);
  });
});
