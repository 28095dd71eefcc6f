/** How many held requests one caller may have open at this node: streams cost memory for as long as they last. */
import { RocError } from '../../kernel/errors.js';

export interface StreamCaps {
  /** @returns what gives the place back. @throws RocError ROC_THROTTLED */
  take(caller: string): () => void;
}

const MOST = 20;
const ASK_AGAIN_SECONDS = 5;

export function createStreamCaps(most = MOST): StreamCaps {
  const open = new Map<string, number>();
  return {
    take: (caller) => {
      const count = open.get(caller) ?? 0;
      if (count >= most) throw tooMany(most);
      open.set(caller, count + 1);
      let isOpen = true;
      return () => {
        if (!isOpen) return;
        isOpen = false;
        const left = (open.get(caller) ?? 1) - 1;
        if (left === 0) open.delete(caller);
        else open.set(caller, left);
      };
    },
  };
}

function tooMany(most: number): RocError {
  return new RocError('ROC_THROTTLED', `${most} streams of this caller are open already`, {
    hint: 'Close one first, or follow several jobs by asking for them in turns.',
    details: { retryAfterSeconds: ASK_AGAIN_SECONDS },
  });
}
