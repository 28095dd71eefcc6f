import { afterEach, describe, expect, it } from 'vitest';
import { RocError } from '../../../src/kernel/errors.js';
import { silentLog } from '../../../src/kernel/log.js';
import { createLoginThrottle, networkOf } from '../../../src/orchestrator/auth/login-throttle.js';
import { migrate } from '../../../src/orchestrator/store/migrate.js';
import { openStore } from '../../../src/orchestrator/store/open.js';
import { purgeExpired } from '../../../src/orchestrator/store/purge.js';
import type { Store } from '../../../src/orchestrator/store/store.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

const opened: { store: Store; dir: string }[] = [];
afterEach(async () => {
  for (const { store, dir } of opened.splice(0)) {
    await store.close();
    removeDir(dir);
  }
});

async function throttleAt(start = Date.UTC(2026, 0, 1)) {
  let time = start;
  const dir = makeTempDir('throttle');
  const store = await openStore({ url: `sqlite:${dir}/roc.db`, log: silentLog, clock: () => time });
  opened.push({ store, dir });
  await migrate(store);
  const throttle = createLoginThrottle(store);
  return { throttle, store, pass: (ms: number) => (time += ms) };
}

async function triesLeft(take: () => Promise<void>): Promise<number> {
  for (let tries = 0; tries < 1000; tries++) {
    try {
      await take();
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
  it('gives an account ten tries, then one each half minute', async () => {
    const { throttle, pass } = await throttleAt();
    let n = 0;
    const take = () => throttle.take('a@x', `address ${n++}`);
    expect(await triesLeft(take)).toBe(10);
    pass(29_000);
    expect(await triesLeft(take)).toBe(0);
    pass(1000);
    expect(await triesLeft(take)).toBe(1);
  });

  it('gives an address fifty tries over all accounts, and a network of IPv6 counts as one', async () => {
    const { throttle } = await throttleAt();
    let n = 0;
    expect(await triesLeft(() => throttle.take(`a${n++}@x`, '1.2.3.4'))).toBe(50);
    expect(await triesLeft(() => throttle.take(`b${n++}@x`, `2001:db8::${(n % 9) + 1}`))).toBe(50);
  });

  it('gives tries for right passwords back, and never saves up more than its burst', async () => {
    const { throttle, pass } = await throttleAt();
    for (let n = 0; n < 30; n++) {
      await throttle.take('a@x', '1');
      await throttle.giveBack('a@x', '1');
    }
    pass(1e9);
    let n = 0;
    expect(await triesLeft(() => throttle.take('a@x', `${n++}`))).toBe(10);
  });

  it('counts mails by themselves, and addresses for what names no account', async () => {
    const { throttle } = await throttleAt();
    expect(await triesLeft(() => throttle.takeMail('a@x', '1'))).toBe(5);
    expect(await triesLeft(() => throttle.takeAddress('1'))).toBe(45);
    let n = 0;
    expect(await triesLeft(() => throttle.take('a@x', `${2 + n++}`))).toBe(10);
  });

  it('counts many at once exactly', async () => {
    const { throttle } = await throttleAt();
    const tries = Array.from({ length: 40 }, (_, n) => throttle.take('a@x', `${n}`));
    const ends = await Promise.allSettled(tries);
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  });

  it('keeps no name in the clear, and forgets what is full again', async () => {
    const { throttle, store, pass } = await throttleAt();
    await throttle.take('ana@example.com', '192.0.2.7');
    const rows = () => store.db.selectFrom('sign_in_bucket').selectAll().execute();
    expect(await rows()).toHaveLength(2);
    expect(JSON.stringify(await rows())).not.toMatch(/ana|192/);
    pass(30_000);
    await purgeExpired(store);
    expect(await rows()).toEqual([]);
  });
});

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('%s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
