/** Letters of the server: plain text to one person. */
import { RocError } from '../../kernel/errors.js';

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface Mail {
  /** False where no mail server is configured: then nothing can be sent, to anybody. */
  readonly canSend: boolean;
  /** @throws RocError ROC_UNREACHABLE */
  send(letter: Letter): Promise<void>;
}

export const NO_MAIL: Mail = {
  canSend: false,
  send: () => Promise.reject(noMailServer()),
};

export function noMailServer(): RocError {
  return new RocError('ROC_PRECONDITION_FAILED', 'this server sends no mail', {
    hint: 'Set server.smtp in roc.yaml, or hand the link over by other means (`roc users create`, `roc users recover`).',
  });
}
