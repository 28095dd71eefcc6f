/** The terminal of a deployment: its questions, its lines, its progress; JSON Lines where a program reads. */
import { type OperationProgress, operationProgress } from './operation-progress.js';

interface Narrator<E> {
  tell(event: E): readonly string[];
  live(now: number): string;
}

/** What the room needs of a terminal; it knows nothing of the command line beneath. */
interface Terminal {
  readonly line: (text: string) => void;
  /** Null where people read. */
  readonly printJson: ((event: unknown) => void) | null;
  readonly confirm: (question: string) => Promise<void>;
  readonly progress: <E>(narrator: () => Narrator<E>) => OperationProgress<E>;
}

export function terminalFor(options: {
  readonly yes: boolean;
  readonly log: (line: string) => void;
  readonly printJson: ((event: unknown) => void) | null;
}): Terminal {
  const { yes, log, printJson } = options;
  return {
    line: log,
    printJson,
    async confirm(question) {
      const { confirm } = await import('./prompts.js');
      await confirm(question, { yes });
    },
    progress: (narrator) => operationProgress(narrator, printJson),
  };
}
