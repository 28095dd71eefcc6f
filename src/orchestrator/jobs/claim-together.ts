/** Polls that ask while others are being served are served together: one transaction for many, each given its own jobs. */
import { createTogether, type Waiting } from '../dispatch/together.js';
import type { Store } from '../store/store.js';
import { type ClaimArgs, type Claimed, claimAll, openClaims } from './claim.js';

/** As claim; `queue` names those who wait for the same jobs, so that no pool waits for another. */
export type Claim = (queue: string, args: ClaimArgs) => Promise<Claimed>;

/** Transactions at a time: while one waits for the disk, the next is made ready. */
const LANES = 2;
/** Jobs that one transaction takes at the most, but for a single runner that has room for more. */
const ENOUGH_SLOTS = 100;
const ENOUGH_POLLS = 32;

export function createClaimer(store: Store): Claim {
  const claims = openClaims();
  const queues = new Map<string, (args: ClaimArgs) => Promise<Claimed>>();
  const open = () =>
    createTogether<ClaimArgs, Claimed>({
      lanes: LANES,
      enough: ENOUGH_POLLS,
      take: takePolls,
      round: (batch) => settle(batch, (asked) => claimAll(store, claims, asked)),
    });
  return (name, args) => {
    const queue = queues.get(name) ?? open();
    queues.set(name, queue);
    return queue(args);
  };
}

type Poll = Waiting<ClaimArgs, Claimed>;

/** Those who have waited longest, as many as one transaction serves. */
function takePolls(waiting: Poll[]): readonly Poll[] {
  let slots = 0;
  const first = waiting.findIndex(({ asked }, n) => {
    slots += asked.slots;
    return n > 0 && (n >= ENOUGH_POLLS || slots > ENOUGH_SLOTS);
  });
  return waiting.splice(0, first === -1 ? waiting.length : first);
}

async function settle(
  batch: readonly Poll[],
  work: (asked: readonly ClaimArgs[]) => ReturnType<typeof claimAll>,
): Promise<void> {
  try {
    const answers = await work(batch.map(({ asked }) => asked));
    for (const [n, { resolve, reject }] of batch.entries()) {
      const answer = answers[n];
      if (answer === undefined || 'refused' in answer) reject(answer?.refused);
      else resolve(answer);
    }
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}
