/** How many requests one runner, or one robot on it, may make of this node: in memory, so that no request asks the database. */
import { RocError } from '../../kernel/errors.js';
import { type Clock, SECOND } from '../../kernel/time.js';

export interface RunnerQuotas {
  /** Takes one request. @throws RocError ROC_THROTTLED with `retryAfterSeconds` */
  take(id: string): void;
}

/** What is saved up while a runner is quiet: hundreds of jobs may begin on it at once. */
const BURST_SECONDS = 5;
/** More than one node serves; the one that was quiet for longest is forgotten, and begins with a full bucket. */
const MOST_BUCKETS = 50_000;

interface Bucket {
  level: number;
  at: number;
}

/** @param rps requests a second */
export function createRunnerQuotas(rps: number, now: Clock): RunnerQuotas {
  const buckets = new Map<string, Bucket>();
  const most = rps * BURST_SECONDS;
  const bucketOf = (id: string, at: number): Bucket => {
    const bucket = buckets.get(id) ?? { level: most, at };
    buckets.delete(id);
    buckets.set(id, bucket);
    const [first] = buckets.size > MOST_BUCKETS ? buckets.keys() : [];
    if (first !== undefined) buckets.delete(first);
    return bucket;
  };
  return {
    take: (id) => {
      const at = now();
      const bucket = bucketOf(id, at);
      // A clock that was set back refills nothing, and its old time is not waited for.
      const elapsedMs = Math.max(0, at - bucket.at);
      bucket.level = Math.min(most, bucket.level + (elapsedMs * rps) / SECOND);
      bucket.at = at;
      if (bucket.level < 1) throw tooMany(rps, Math.max(1, Math.ceil((1 - bucket.level) / rps)));
      bucket.level--;
    },
  };
}

function tooMany(rps: number, retryAfterSeconds: number): RocError {
  return new RocError('ROC_THROTTLED', `this runner makes more than ${rps} requests a second`, {
    hint: `Wait ${retryAfterSeconds} s. Where a runner needs more, raise server.runnerRps; it may also be a copied state folder.`,
    details: { retryAfterSeconds },
  });
}
