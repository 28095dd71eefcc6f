/** The polls of this node that wait for work: woken one by one as jobs become ready, never all for one job. */
import { createGate, type Gate } from './gate.js';

export interface WaitingPlace {
  readonly tenantId: string;
  readonly poolId: string;
  /** Operating system of the runner: a job may be for another one. */
  readonly platform: string;
}

/** One waiting poll. Join before looking for work, so that a wake in between is not missed. */
export interface Ticket extends Pick<Gate, 'wait'> {
  leave(): void;
}

export interface JobWaiters {
  join(place: WaitingPlace): Ticket;
  /** Wakes one poll of each platform in a pool, that which has waited longest and is not yet woken. */
  wake(poolId: string): void;
  /** How often a pool was woken: read before a look at it, so that a wake meanwhile is not overlooked. */
  wakesOf(poolId: string): number;
  /** A look found nothing in a pool; void where it was woken since `wakes` was read. */
  rememberEmpty(poolId: string, wakes: number, forMs: number): void;
  /** Whether a look has just found nothing, and no wake came since: who waits there need not look for himself. */
  isEmpty(poolId: string): boolean;
  /** Pools in which someone waits and has not been woken. */
  waitingPools(): readonly Pick<WaitingPlace, 'tenantId' | 'poolId'>[];
}

interface Waiter extends WaitingPlace {
  readonly gate: Gate;
}

export function createJobWaiters(): JobWaiters {
  const pools = new Map<string, Set<Waiter>>();
  const seen = new Map<string, { readonly wakes: number; readonly emptyUntil: number }>();
  const wakesOf = (poolId: string) => seen.get(poolId)?.wakes ?? 0;
  return {
    join: (place) => {
      const waiter = { ...place, gate: createGate() };
      const pool = pools.get(place.poolId) ?? new Set();
      pools.set(place.poolId, pool.add(waiter));
      return {
        wait: waiter.gate.wait,
        leave: () => {
          pool.delete(waiter);
          if (pool.size === 0 && pools.get(place.poolId) === pool) pools.delete(place.poolId);
        },
      };
    },
    wake: (poolId) => {
      seen.set(poolId, { wakes: wakesOf(poolId) + 1, emptyUntil: 0 });
      const woken = new Set<string>();
      for (const { gate, platform } of pools.get(poolId) ?? []) {
        if (gate.isOpen || woken.has(platform)) continue;
        woken.add(platform);
        gate.open();
      }
    },
    wakesOf,
    rememberEmpty: (poolId, wakes, forMs) => {
      if (wakes === wakesOf(poolId)) seen.set(poolId, { wakes, emptyUntil: performance.now() + forMs });
    },
    isEmpty: (poolId) => (seen.get(poolId)?.emptyUntil ?? 0) > performance.now(),
    waitingPools: () =>
      [...pools.values()].flatMap((pool) => {
        const waiter = [...pool].find(({ gate }) => !gate.isOpen);
        return waiter === undefined ? [] : [{ tenantId: waiter.tenantId, poolId: waiter.poolId }];
      }),
  };
}
