/** Quotas of API keys on one node: requests are drawn from the database in chunks and given out from memory. */
import { RocError } from '../../kernel/errors.js';
import { type Clock, SECOND } from '../../kernel/time.js';
import { chunkOf, type Quota } from '../decide/token-bucket.js';
import { drawTokens } from '../store/api-quotas.js';
import { addUsage, type UsageCount } from '../store/api-usage.js';
import type { Store } from '../store/store.js';

export interface KeyQuota extends Quota {
  readonly keyId: string;
}

/** What the answer tells of the quota. */
export interface QuotaState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until the bucket is full, or, when nothing is left, until one request is free. */
  readonly resetSeconds: number;
  readonly isAllowed: boolean;
}

export interface Quotas {
  /** Takes one request. */
  take(key: KeyQuota, routeClass: string): Promise<QuotaState>;
  /** Writes what was used since the last time. */
  flush(): Promise<void>;
}

/** What was drawn and not used is given up after this: it belonged to that second. */
const LEASE_MS = SECOND;
const MAX_LEASES = 10_000;

interface Lease {
  tokens: number;
  until: number;
  /** The bucket gave nothing: nobody asks before this. */
  blockedUntil: number;
  drawing: Promise<void> | null;
}

export function createQuotas(store: Store, now: Clock): Quotas {
  const leases = new Map<string, Lease>();
  const usage = createUsage();
  const leaseOf = (keyId: string): Lease => {
    const known = leases.get(keyId);
    if (known !== undefined) return known;
    const lease: Lease = { tokens: 0, until: 0, blockedUntil: 0, drawing: null };
    leases.set(keyId, lease);
    const [oldest] = leases.size > MAX_LEASES ? leases.keys() : [];
    if (oldest !== undefined) leases.delete(oldest);
    return lease;
  };
  return {
    take: async (key, routeClass) => {
      const lease = leaseOf(key.keyId);
      // Each round either finds a token, or draws, or learns that there is none: a draw may be used up by others.
      while (!isReady(lease, now()) && lease.blockedUntil <= now()) {
        lease.drawing ??= drawInto(store, key, lease, now).finally(() => {
          lease.drawing = null;
        });
        await lease.drawing;
      }
      const isAllowed = isReady(lease, now());
      if (isAllowed) lease.tokens--;
      usage.add(key.keyId, routeClass, isAllowed);
      return stateOf(key, lease, isAllowed, now());
    },
    flush: async () => {
      const counts = usage.takeAll();
      if (counts.length === 0) return;
      await addUsage(store, counts).catch((error: unknown) => {
        usage.putBack(counts);
        throw error;
      });
    },
  };
}

/** @throws RocError ROC_THROTTLED with `retryAfterSeconds`, where nothing is left */
export function requireQuota({ isAllowed, resetSeconds, limit }: QuotaState): void {
  if (isAllowed) return;
  throw new RocError(
    'ROC_THROTTLED',
    `this API key is over its quota (${limit} requests a second, or its day's)`,
    {
      hint: `Wait ${resetSeconds} s and try again; \`roc keys usage\` shows what it used.`,
      details: { retryAfterSeconds: resetSeconds },
    },
  );
}

function isReady(lease: Lease, now: number): boolean {
  return lease.tokens > 0 && lease.until > now;
}

async function drawInto(store: Store, key: KeyQuota, lease: Lease, now: Clock): Promise<void> {
  const unused = lease.tokens;
  lease.tokens = 0;
  const { granted, waitMs } = await drawTokens(store, key.keyId, key, { wanted: chunkOf(key), unused });
  lease.tokens = granted;
  lease.until = now() + LEASE_MS;
  lease.blockedUntil = granted === 0 ? now() + waitMs : 0;
}

function stateOf({ rps }: Quota, lease: Lease, isAllowed: boolean, now: number): QuotaState {
  const waitMs = isAllowed ? SECOND : Math.max(0, lease.blockedUntil - now);
  return {
    limit: rps,
    remaining: isAllowed ? lease.tokens : 0,
    resetSeconds: Math.max(1, Math.ceil(waitMs / SECOND)),
    isAllowed,
  };
}

interface UsageBook {
  add(keyId: string, routeClass: string, isAllowed: boolean): void;
  takeAll(): UsageCount[];
  putBack(counts: readonly UsageCount[]): void;
}

function createUsage(): UsageBook {
  let book = new Map<string, UsageCount>();
  const add = ({ keyId, routeClass, requests, denied }: UsageCount) => {
    const name = `${keyId} ${routeClass}`;
    const known = book.get(name) ?? { keyId, routeClass, requests: 0, denied: 0 };
    book.set(name, { ...known, requests: known.requests + requests, denied: known.denied + denied });
  };
  return {
    add: (keyId, routeClass, isAllowed) =>
      add({ keyId, routeClass, requests: isAllowed ? 1 : 0, denied: isAllowed ? 0 : 1 }),
    takeAll: () => {
      const counts = [...book.values()];
      book = new Map();
      return counts;
    },
    putBack: (counts) => {
      for (const count of counts) add(count);
    },
  };
}
