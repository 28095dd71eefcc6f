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

/** Who asks alone is served at once; who comes with others, or while others are served, shares their round. */
export function createTogether<Asked, Answer>({
  lanes,
  enough,
  take,
  round,
}: TogetherOptions<Asked, Answer>): (asked: Asked) => Promise<Answer> {
  const waiting: Waiting<Asked, Answer>[] = [];
  let running = 0;
  let begun = 0;
  const drain = async () => {
    while (waiting.length > 0) {
      begun = performance.now();
      await round(take(waiting));
    }
    running--;
  };
  const isCrowded = () => waiting.length >= enough || performance.now() - begun > SLOW_MS;
  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject });
      if (running > 0 && (running >= lanes || !isCrowded())) return;
      running++;
      begun = performance.now();
      // Not at once: what arrived in one turn of the loop belongs together.
      setImmediate(() => void drain());
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
