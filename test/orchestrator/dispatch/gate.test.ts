import { describe, expect, it } from 'vitest';
import { createGate } from '../../../src/orchestrator/dispatch/gate.js';
import { createJobChanges } from '../../../src/orchestrator/dispatch/job-changes.js';
import { createJobWaiters } from '../../../src/orchestrator/dispatch/job-waiters.js';

const never = new AbortController().signal;

/** Whether a wait is over within a few turns of the event loop. */
async function isOver(wait: Promise<void>): Promise<boolean> {
  let over = false;
  void wait.then(() => {
    over = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  return over;
}

describe('a gate', () => {
  it('lets a waiting one through when it opens', async () => {
    const gate = createGate();
    const wait = gate.wait(10_000, never);
    expect(await isOver(wait)).toBe(false);
    gate.open();
    expect(await isOver(wait)).toBe(true);
    expect(gate.isOpen).toBe(false);
  });

  it('remembers one opening, which the next wait uses up', async () => {
    const gate = createGate();
    gate.open();
    gate.open();
    expect(await isOver(gate.wait(10_000, never))).toBe(true);
    const second = new AbortController();
    const wait = gate.wait(10_000, second.signal);
    expect(await isOver(wait)).toBe(false);
    second.abort();
    expect(await isOver(wait)).toBe(true);
  });

  it('ends when the time is over, and at once for a signal that has aborted', async () => {
    await createGate().wait(1, never);
    expect(await isOver(createGate().wait(10_000, AbortSignal.abort()))).toBe(true);
  });
});

describe('waiting polls', () => {
  const place = (platform: string, poolId = 'P') => ({ tenantId: 'T', poolId, platform });

  it('are woken one a platform and wake, those first that have waited longest', async () => {
    const waiters = createJobWaiters();
    const joined = ['linux', 'linux', 'macos'].map((platform) => waiters.join(place(platform)));
    const waits = joined.map((ticket) => ticket.wait(10_000, never));
    waiters.wake('P');
    expect(await Promise.all(waits.map(isOver))).toEqual([true, false, true]);
    waiters.wake('P');
    expect(await Promise.all(waits.map(isOver))).toEqual([true, false, true]);
    joined[0]?.leave();
    waiters.wake('P');
    expect(await isOver(waits[1]!)).toBe(true);
    waiters.wake('other');
  });

  it('do not miss a wake between joining and waiting', async () => {
    const waiters = createJobWaiters();
    const ticket = waiters.join(place('linux'));
    waiters.wake('P');
    expect(await isOver(ticket.wait(10_000, never))).toBe(true);
  });

  it('are told of by pool, as long as one is not woken', () => {
    const waiters = createJobWaiters();
    expect(waiters.waitingPools()).toEqual([]);
    const tickets = [
      waiters.join(place('linux')),
      waiters.join(place('linux')),
      waiters.join(place('macos', 'Q')),
    ];
    expect(waiters.waitingPools()).toEqual([
      { tenantId: 'T', poolId: 'P' },
      { tenantId: 'T', poolId: 'Q' },
    ]);
    waiters.wake('P');
    waiters.wake('P');
    expect(waiters.waitingPools()).toEqual([{ tenantId: 'T', poolId: 'Q' }]);
    for (const ticket of tickets) ticket.leave();
    expect(waiters.waitingPools()).toEqual([]);
  });
});

describe('a pool that was seen empty', () => {
  it('is known to be so for a while, until a wake, and not at all where the wake came during the look', () => {
    const waiters = createJobWaiters();
    expect(waiters.isEmpty('P')).toBe(false);
    waiters.rememberEmpty('P', waiters.wakesOf('P'), 60_000);
    expect([waiters.isEmpty('P'), waiters.isEmpty('Q')]).toEqual([true, false]);
    waiters.wake('P');
    expect(waiters.isEmpty('P')).toBe(false);
    const before = waiters.wakesOf('P');
    waiters.wake('P');
    waiters.rememberEmpty('P', before, 60_000);
    expect(waiters.isEmpty('P')).toBe(false);
    waiters.rememberEmpty('P', waiters.wakesOf('P'), 0);
    expect(waiters.isEmpty('P')).toBe(false);
  });
});

describe('changes of jobs', () => {
  it('reach those who watch that job, also when told between two looks', async () => {
    const changes = createJobChanges();
    const [a, b, other] = [changes.watch('1'), changes.watch('1'), changes.watch('2')];
    changes.tell('1');
    changes.tell('3');
    expect(await isOver(a.next(10_000, never))).toBe(true);
    expect(await isOver(b.next(10_000, never))).toBe(true);
    const stop = new AbortController();
    expect(await isOver(other.next(10_000, stop.signal))).toBe(false);
    stop.abort();
    for (const watch of [a, b, other]) watch.close();
    changes.tell('1');
  });
});
