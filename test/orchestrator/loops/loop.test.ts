import { describe, expect, it } from 'vitest';
import { silentLog } from '../../../src/kernel/log.js';
import { startLoop } from '../../../src/orchestrator/loops/loop.js';

/** A timer that fires when told to. */
function handTimer() {
  const due: { work: () => void; ms: number }[] = [];
  return {
    waits: () => due.map(({ ms }) => ms),
    fire: async () => {
      due.shift()?.work();
      await new Promise((resolve) => setImmediate(resolve));
    },
    timer: {
      set: (work: () => void, ms: number) => {
        const entry = { work, ms };
        due.push(entry);
        return entry;
      },
      clear: (entry: unknown) => {
        due.splice(due.indexOf(entry as (typeof due)[number]), 1);
      },
    },
  };
}

function loopOf(round: () => Promise<{ more: boolean }>, lines: string[] = [], everyMs = 1000) {
  const hand = handTimer();
  const note = (level: string) => (_: unknown, message: string) => lines.push(`${level} ${message}`);
  const log = { ...silentLog, warn: note('warn'), info: note('info') };
  const loop = startLoop({ name: 'test', everyMs, round, log, random: () => 0.5, timer: hand.timer });
  return { ...hand, loop };
}

describe('a loop', () => {
  it('starts somewhere in its first interval and goes on with jitter', async () => {
    let rounds = 0;
    const { fire, waits } = loopOf(async () => ({ more: ++rounds === 1 }));
    expect(waits()).toEqual([500]);
    await fire();
    expect(waits()).toEqual([0]);
    await fire();
    expect(waits()).toEqual([1000]);
    expect(rounds).toBe(2);
  });

  it('never waits longer for a failure than it waits anyway, where that is long', async () => {
    const failing = () => Promise.reject(new TypeError('down'));
    const { fire, waits } = loopOf(failing, [], 600_000);
    for (let n = 0; n < 3; n++) await fire();
    expect(waits().at(-1)).toBe(600_000);
  });

  it('backs off while its rounds fail, tells of an outage once, and recovers', async () => {
    let isDown = true;
    const lines: string[] = [];
    const { fire, waits } = loopOf(async () => {
      if (isDown) throw new TypeError('down');
      return { more: false };
    }, lines);
    const seen: number[] = [];
    for (let n = 0; n < 6; n++) {
      await fire();
      seen.push(...waits());
    }
    expect(seen).toEqual([2000, 3000, 3000, 3000, 3000, 3000]);
    isDown = false;
    await fire();
    expect(waits()).toEqual([1000]);
    expect(lines).toEqual(['warn loop round failed, will go on trying', 'info loop works again']);
  });

  it('stops after the round in progress, and does not start another', async () => {
    let release = () => {};
    const { fire, waits, loop } = loopOf(
      () =>
        new Promise((resolve) => {
          release = () => resolve({ more: true });
        }),
    );
    await fire();
    let isStopped = false;
    const stopped = loop.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    release();
    await stopped;
    expect(waits()).toEqual([]);
  });
});
