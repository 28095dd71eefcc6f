/** A long operation on the terminal: JSON Lines with --json, else lines that stay and a live one below them. */
import { startProgress } from './progress.js';

interface Narrator<E> {
  tell(event: E): readonly string[];
  live(now: number): string;
}

export interface OperationProgress<E> {
  onEvent(event: E): void;
  /** Takes the live line away; a second call does nothing. */
  done(): void;
}

/** `printJson` is null where people read. */
export function operationProgress<E>(
  narrator: () => Narrator<E>,
  printJson: ((event: unknown) => void) | null,
): OperationProgress<E> {
  if (printJson !== null) return { onEvent: printJson, done() {} };
  let started: {
    told: Narrator<E>;
    progress: ReturnType<typeof startProgress>;
    timer: NodeJS.Timeout;
  } | null = null;
  const start = () => {
    const told = narrator();
    const progress = startProgress(told.live(Date.now()), { quiet: false });
    // Elapsed times go on while AWS says nothing.
    const timer = setInterval(() => progress.update(told.live(Date.now())), 500);
    timer.unref();
    return { told, progress, timer };
  };
  return {
    onEvent(event) {
      started ??= start();
      for (const line of started.told.tell(event))
        for (const one of line.split('\n')) started.progress.line(one);
      started.progress.update(started.told.live(Date.now()));
    },
    done() {
      if (started === null) return;
      clearInterval(started.timer);
      started.progress.done();
      started = null;
    },
  };
}
