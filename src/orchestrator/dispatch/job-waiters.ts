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
  /** Pools in which someone waits and has not been woken. */
  waitingPools(): readonly Pick<WaitingPlace, 'tenantId' | 'poolId'>[];
}

interface Waiter extends WaitingPlace {
  readonly gate: Gate;
}

export function createJobWaiters(): JobWaiters {
  const pools = new Map<string, Set<Waiter>>();
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
      const woken = new Set<string>();
      for (const { gate, platform } of pools.get(poolId) ?? []) {
        if (gate.isOpen || woken.has(platform)) continue;
        woken.add(platform);
        gate.open();
      }
    },
    waitingPools: () =>
      [...pools.values()].flatMap((pool) => {
        const waiter = [...pool].find(({ gate }) => !gate.isOpen);
        return waiter === undefined ? [] : [{ tenantId: waiter.tenantId, poolId: waiter.poolId }];
      }),
  };
}
