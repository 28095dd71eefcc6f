/** Passwords: argon2id, the same time for a user that does not exist, and never so many at once that memory runs out. */
import { type Algorithm, hash, verify } from '@node-rs/argon2';
import { RocError } from '../../kernel/errors.js';

/** OWASP's second choice for argon2id: 19 MiB, two passes, one lane; 13 ms on the machines at hand. */
const COST = {
  algorithm: 2 satisfies Algorithm.Argon2id as Algorithm,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
};
/** Each takes 19 MiB and a thread of the pool. */
const AT_ONCE = 4;
const MAX_WAITING = 100;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** False for a wrong password, and for `null`, which takes as long. */
  matches(stored: string | null, password: string): Promise<boolean>;
}

export async function createPasswords(): Promise<Passwords> {
  const dummy = await hash('no user has this password', COST);
  const queue = createQueue(AT_ONCE, MAX_WAITING);
  return {
    hash: (password) => queue(() => hash(formOf(password), COST)),
    matches: (stored, password) =>
      queue(async () => {
        const isMatch = await verify(stored ?? dummy, formOf(password)).catch(() => false);
        return stored !== null && isMatch;
      }),
  };
}

/** One form for what looks alike and may be typed in two ways (NIST SP 800-63B §3.1.1.2). */
function formOf(password: string): string {
  return password.normalize('NFKC');
}

function createQueue(atOnce: number, maxWaiting: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) {
      if (waiting.length >= maxWaiting) throw tooBusy();
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Handing the place over keeps the count right: a newcomer cannot slip in between.
      if (next === undefined) running--;
      else next();
    }
  };
}

function tooBusy(): RocError {
  return new RocError('ROC_UNAVAILABLE', 'too many people sign in at this moment', {
    hint: 'Try again in a few seconds.',
    details: { retryAfterSeconds: 2 },
  });
}
