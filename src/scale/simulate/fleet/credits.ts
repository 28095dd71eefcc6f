/**
 * CPU credits of burstable instances in unlimited mode: earned by the minute, spent by use, surplus sold.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode-concepts.html
 */
import type { Prices } from './model.js';

export interface Credits {
  /** A launched instance begins with nothing. */
  readonly add: (index: number) => void;
  /** What an instance that leaves has saved is lost, what it owes is paid. */
  readonly remove: (index: number, live: number) => void;
  /** One minute: the first `ready` of `live` instances work. */
  readonly spend: (live: number, ready: number, utilisation: number) => void;
  /** Pays what the instances left owe. @returns dollars of the whole run */
  readonly settle: (live: number) => number;
}

const DAY_MINUTES = 1440;

export function createCredits(prices: Prices, slots: number): Credits {
  const earned = prices.baseline * prices.vcpus;
  const most = earned * DAY_MINUTES;
  const balance = new Float64Array(slots);
  // In credits: one vCPU for one minute.
  let sold = 0;

  function pay(index: number): void {
    sold += Math.max(0, -(balance[index] ?? 0));
  }

  return {
    add(index) {
      balance[index] = 0;
    },
    remove(index, live) {
      pay(index);
      for (let i = index; i < live - 1; i++) balance[i] = balance[i + 1] ?? 0;
    },
    spend(live, ready, utilisation) {
      const used = Math.min(1, utilisation) * prices.vcpus;
      for (let i = 0; i < live; i++) {
        const left = (balance[i] ?? 0) + earned - (i < ready ? used : 0);
        // A debt may stand for as much as a day earns; what is beyond is charged at once.
        if (left < -most) sold += -most - left;
        balance[i] = Math.max(-most, Math.min(most, left));
      }
    },
    settle(live) {
      for (let i = 0; i < live; i++) pay(i);
      return (sold / 60) * prices.surplusVcpuHour;
    },
  };
}
