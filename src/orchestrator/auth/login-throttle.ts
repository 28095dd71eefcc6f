/** Slows down guessing: a bucket of tries per account and per address, counted by all nodes together. */
import { createHash } from 'node:crypto';
import { RocError } from '../../kernel/errors.js';
import { SECOND } from '../../kernel/time.js';
import { type Bucket, giveBackTry, type Rate, takeTry } from '../store/sign-in-buckets.js';
import type { Store } from '../store/store.js';

/** Many people may share an address; nobody needs ten tries for one account, or five mails. */
const RATES = {
  account: { burst: 10, refillMs: 30 * SECOND },
  address: { burst: 50, refillMs: 3 * SECOND },
  mail: { burst: 5, refillMs: 600 * SECOND },
} as const satisfies Record<string, Rate>;

export interface LoginThrottle {
  /** Takes one try. @throws RocError ROC_THROTTLED with `retryAfterSeconds` */
  take(account: string, address: string): Promise<void>;
  /** Gives the try back: it was the right password. */
  giveBack(account: string, address: string): Promise<void>;
  /** Takes one try of an address alone: for what names no account, such as a one-time link. */
  takeAddress(address: string): Promise<void>;
  /** Takes one mail to an account. */
  takeMail(account: string, address: string): Promise<void>;
}

export function createLoginThrottle(store: Store): LoginThrottle {
  const take = async (...buckets: Bucket[]) => {
    const waitMs = await takeTry(store, buckets);
    if (waitMs > 0) throw throttled(waitMs);
  };
  const both = (account: string, address: string) => [
    bucket('account', account),
    bucket('address', networkOf(address)),
  ];
  return {
    take: (account, address) => take(...both(account, address)),
    giveBack: (account, address) => giveBackTry(store, both(account, address)),
    takeAddress: (address) => take(bucket('address', networkOf(address))),
    takeMail: (account, address) => take(bucket('mail', account), bucket('address', networkOf(address))),
  };
}

/** A name of any length, and nobody's address in the clear, in 64 characters. */
function bucket(kind: keyof typeof RATES, key: string): Bucket {
  const name = createHash('sha256').update(`${kind}\0${key}`).digest('hex');
  return { name, rate: RATES[kind] };
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

function throttled(waitMs: number): RocError {
  const retryAfterSeconds = Math.ceil(waitMs / SECOND);
  return new RocError('ROC_THROTTLED', 'too many tries to sign in', {
    hint: `Wait ${retryAfterSeconds} s and try again.`,
    details: { retryAfterSeconds },
  });
}
