/** What a verb needs of a terminal: lines, questions, progress; the command line gives it. */
import type { ProvisionEvent } from './provision-event.js';
import type { Narrator } from './text/narrate.js';

export interface Terminal {
  readonly line: (text: string) => void;
  /** Null where people read. */
  readonly printJson: ((event: unknown) => void) | null;
  /** Throws where the answer is no. */
  readonly confirm: (question: string) => Promise<void>;
  readonly progress: (narrator: () => Narrator) => {
    onEvent(event: ProvisionEvent): void;
    done(): void;
  };
}
