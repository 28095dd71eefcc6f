/** Questions to a person; refused with exit 4 where nobody can answer. */
import { RocError } from '../kernel/errors.js';

/**
 * Asks for yes or no. `--yes` answers ahead; without a terminal the command is refused, never guessed.
 * @throws RocError ROC_REFUSED
 */
export async function confirm(question: string, options: { yes: boolean }): Promise<void> {
  if (options.yes) return;
  requireTerminal(question, 'Pass --yes to answer ahead.');
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({ message: question, initialValue: false, output: process.stderr });
  if (answer !== true) throw new RocError('ROC_REFUSED', 'not confirmed, nothing was changed');
}

/** Asks for a secret without echo. */
export async function askPassword(question: string): Promise<string> {
  requireTerminal(question, 'Pass --password-stdin and pipe the password in.');
  const prompts = await import('@clack/prompts');
  const answer = await prompts.password({ message: question, output: process.stderr });
  if (typeof answer !== 'string') throw new RocError('ROC_INTERRUPTED', 'interrupted');
  return answer;
}

function requireTerminal(question: string, hint: string): void {
  if (process.stdin.isTTY && process.stderr.isTTY) return;
  throw new RocError('ROC_REFUSED', `"${question}" needs an answer and this is no terminal`, { hint });
}
