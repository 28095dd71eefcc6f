/** Which lanes the next jobs of a pool are in: where there are plenty, one look serves many claims. */
import { lanesOf } from '../decide/lanes.js';
import { type PoolKey, peekReady } from '../store/job-ready.js';
import type { Reader } from '../store/store.js';

export interface ReadyLanes {
  /** The lanes of the next `count` jobs for a platform, best first; fewer where there are no more. */
  next(store: Reader, pool: PoolKey, platform: string, count: number): Promise<Look>;
}

export interface Look {
  readonly lanes: readonly string[];
  /** Of a look at the database just now: what it did not see was not there. */
  readonly isFresh: boolean;
  /** What was seen is not there any more: the next one looks anew. */
  forget(): void;
}

/** So long may a job that became ready in another lane be overlooked where others are taken all the time. */
const KEPT_MS = 50;
/** Jobs that one look sees ahead, where the one before has just been used up. */
const AHEAD = 256;

export function createReadyLanes(now: () => number = () => performance.now()): ReadyLanes {
  const seen = new Map<string, { readonly ahead: readonly string[]; readonly until: number }>();
  return {
    next: async (store, pool, platform, count) => {
      const place = `${pool.poolId} ${platform}`;
      const forget = () => void seen.delete(place);
      const known = seen.get(place);
      const isKnown = known !== undefined && known.until > now();
      // What is hoped for is taken off, so that two claims at once do not hope for the same.
      const use = (lanes: readonly string[], until: number) => {
        if (lanes.length < count) forget();
        else seen.set(place, { ahead: lanes.slice(count), until });
        return lanes.slice(0, count);
      };
      if (known !== undefined && !isKnown) forget();
      if (isKnown && known.ahead.length >= count)
        return { lanes: use(known.ahead, known.until), isFresh: false, forget };
      const until = now() + KEPT_MS;
      const lanes = await peekReady(store, pool, lanesOf(platform), count + (isKnown ? AHEAD : 0));
      return { lanes: use(lanes, until), isFresh: true, forget };
    },
  };
}
