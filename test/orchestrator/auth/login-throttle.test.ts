import { describe, expect, it } from 'vitest';
import { RocError } from '../../../src/kernel/errors.js';
import { createLoginThrottle, networkOf } from '../../../src/orchestrator/auth/login-throttle.js';

function throttleAt(start = 0) {
  let time = start;
  const throttle = createLoginThrottle(() => time);
  return { throttle, pass: (ms: number) => (time += ms) };
}

function triesLeft(take: () => void): number {
  for (let tries = 0; tries < 1000; tries++) {
    try {
      take();
    } catch (error) {
      expect(error).toBeInstanceOf(RocError);
      expect((error as RocError).code).toBe('ROC_THROTTLED');
      expect((error as RocError).details?.['retryAfterSeconds']).toBeGreaterThan(0);
      return tries;
    }
  }
  return Number.POSITIVE_INFINITY;
}

describe('the throttle of sign-ins', () => {
  it('gives an account ten tries, then one each half minute', () => {
    const { throttle, pass } = throttleAt();
    let n = 0;
    const take = () => throttle.take('a@x', `address ${n++}`);
    expect(triesLeft(take)).toBe(10);
    pass(29_000);
    expect(triesLeft(take)).toBe(0);
    pass(1000);
    expect(triesLeft(take)).toBe(1);
  });

  it('gives an address fifty tries over all accounts', () => {
    const { throttle } = throttleAt();
    let n = 0;
    expect(triesLeft(() => throttle.take(`a${n++}@x`, '1.2.3.4'))).toBe(50);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('counts %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('counts no right password', () => {
    const { throttle } = throttleAt();
    for (let i = 0; i < 100; i++) {
      throttle.take('a@x', '1.2.3.4');
      throttle.giveBack('a@x', '1.2.3.4');
    }
    expect(triesLeft(() => throttle.take('a@x', '1.2.3.4'))).toBe(10);
  });

  it('never saves up more than its burst', () => {
    const { throttle, pass } = throttleAt();
    throttle.take('a@x', '1');
    pass(1e9);
    let n = 0;
    expect(triesLeft(() => throttle.take('a@x', `${n++}`))).toBe(10);
  });
});
