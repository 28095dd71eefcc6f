/** Slows down guessing: a token bucket per account and per address, kept in this node's memory and bounded in number. */
import { RocError } from '../../kernel/errors.js';
import { type Clock, SECOND } from '../../kernel/time.js';

/** `burst` tries at once, then one each `refillMs`. */
interface Rate {
  readonly burst: number;
  readonly refillMs: number;
}

/** Many people may share an address; nobody needs ten tries for one account. */
const RATES = {
  account: { burst: 10, refillMs: 30 * SECOND },
  address: { burst: 50, refillMs: 3 * SECOND },
} as const satisfies Record<string, Rate>;

/** Each bucket is some 100 bytes; an attacker with more addresses than this only pushes out full buckets' history. */
const MAX_BUCKETS = 50_000;

export interface LoginThrottle {
  /** Takes one try. @throws RocError ROC_THROTTLED with `retryAfterSeconds` */
  take(account: string, address: string): void;
  /** Gives the try back: it was the right password. */
  giveBack(account: string, address: string): void;
}

export function createLoginThrottle(now: Clock): LoginThrottle {
  const buckets = { account: createBuckets(RATES.account, now), address: createBuckets(RATES.address, now) };
  return {
    take: (account, from) => {
      const address = networkOf(from);
      const waitMs = Math.max(buckets.account.waitMs(account), buckets.address.waitMs(address));
      if (waitMs > 0) throw throttled(waitMs);
      buckets.account.add(account, -1);
      buckets.address.add(address, -1);
    },
    giveBack: (account, from) => {
      buckets.account.add(account, 1);
      buckets.address.add(networkOf(from), 1);
    },
  };
}

/** An IPv6 host has a network of 2^64 addresses to itself: the first four groups stand for all of them. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.toLowerCase().split('%')[0]?.split('::') ?? [];
  const groups = head.split(':').filter((group) => group !== '');
  const end = tail?.split(':').filter((group) => group !== '') ?? [];
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - end.length) }, () => '0');
  const all = [...groups, ...zeros, ...end].map((group) => group.replace(/^0+(?=.)/, ''));
  return `${all.slice(0, 4).join(':')}::/64`;
}

interface Buckets {
  /** Milliseconds until a try is free; 0 when one is. */
  waitMs(key: string): number;
  add(key: string, tries: number): void;
}

function createBuckets({ burst, refillMs }: Rate, now: Clock): Buckets {
  const levels = new Map<string, { level: number; at: number }>();
  const levelOf = (key: string) => {
    const bucket = levels.get(key);
    return bucket === undefined ? burst : Math.min(burst, bucket.level + (now() - bucket.at) / refillMs);
  };
  return {
    waitMs: (key) => Math.max(0, Math.ceil((1 - levelOf(key)) * refillMs)),
    add: (key, tries) => {
      const level = Math.min(burst, levelOf(key) + tries);
      levels.delete(key);
      if (level < burst) levels.set(key, { level, at: now() });
      const [oldest] = levels.size > MAX_BUCKETS ? levels.keys() : [];
      if (oldest !== undefined) levels.delete(oldest);
    },
  };
}

function throttled(waitMs: number): RocError {
  const retryAfterSeconds = Math.ceil(waitMs / SECOND);
  return new RocError('ROC_THROTTLED', 'too many tries to sign in', {
    hint: `Wait ${retryAfterSeconds} s and try again.`,
    details: { retryAfterSeconds },
  });
}
