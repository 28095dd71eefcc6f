/** What is asked while other work is under way is done together in the next round: one transaction for many. */

export interface Waiting<Asked, Answer> {
  readonly asked: Asked;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export interface TogetherOptions<Asked, Answer> {
  /** Rounds at a time. A further one begins where a whole batch waits, or where those under way take long. */
  readonly lanes: number;
  /** What counts as a whole batch. */
  readonly enough: number;
  /** Takes out of those who wait whom the next round serves: at least one where there is one. */
  readonly take: (waiting: Waiting<Asked, Answer>[]) => readonly Waiting<Asked, Answer>[];
  /** Settles each of them, and never rejects. */
  readonly round: (batch: readonly Waiting<Asked, Answer>[]) => Promise<void>;
}

/** A round that takes longer than this waits for somebody; others need not wait with it. */
const SLOW_MS = 25;
/** A round that takes longer than this may never end (its connection is dead): it holds no lane any more. */
const STUCK_MS = 5000;

/** Who asks alone is served at once; who comes with others, or while others are served, shares their round. */
export function createTogether<Asked, Answer>(
  { lanes, enough, take, round }: TogetherOptions<Asked, Answer>,
  now: () => number = () => performance.now(),
): (asked: Asked) => Promise<Answer> {
  const waiting: Waiting<Asked, Answer>[] = [];
  const running = new Set<{ begun: number }>();
  const drain = async (lane: { begun: number }) => {
    while (waiting.length > 0) {
      lane.begun = now();
      await round(take(waiting));
    }
    running.delete(lane);
  };
  const isFree = () => {
    const ages = [...running].map(({ begun }) => now() - begun).filter((age) => age < STUCK_MS);
    if (ages.length === 0) return true;
    const isCrowded = waiting.length >= enough || ages.every((age) => age > SLOW_MS);
    return ages.length < lanes && isCrowded;
  };
  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      if (!isFree()) return;
      const lane = { begun: now() };
      running.add(lane);
      // Not at once: what arrived in one turn of the loop belongs together.
      setImmediate(() => void drain(lane));
    });
}

/** The oldest first, at most so many; a second one about the same waits for the answer to the first. */
export function takeDistinct<Asked, Answer>(
  waiting: Waiting<Asked, Answer>[],
  most: number,
  aboutWhat: (asked: Asked) => string,
): Waiting<Asked, Answer>[] {
  const taken = new Map<string, Waiting<Asked, Answer>>();
  const left: Waiting<Asked, Answer>[] = [];
  for (const one of waiting.splice(0)) {
    const what = aboutWhat(one.asked);
    if (taken.size < most && !taken.has(what)) taken.set(what, one);
    else left.push(one);
  }
  waiting.push(...left);
  return [...taken.values()];
}
