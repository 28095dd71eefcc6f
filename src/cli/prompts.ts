/** Questions to a person; refused with exit 4 where nobody can answer. */
import { RocError } from '../kernel/errors.js';
import { printableLine } from './printable.js';

/**
 * Asks for yes or no. `--yes` answers ahead; without a terminal the command is refused, never guessed.
 * @throws RocError ROC_REFUSED without a yes, ROC_INTERRUPTED on Ctrl-C
 */
export async function confirm(question: string, options: { yes: boolean }): Promise<void> {
  if (options.yes) return;
  const isSure = await askYesNo(question, 'Pass --yes to answer ahead.');
  if (!isSure) throw new RocError('ROC_REFUSED', 'not confirmed, nothing was changed');
}

/**
 * Asks for yes or no; `hint` says what to pass instead where nobody can answer.
 * @throws RocError ROC_REFUSED without a terminal, ROC_INTERRUPTED on Ctrl-C
 */
export async function askYesNo(question: string, hint: string): Promise<boolean> {
  requireTerminal(question, hint);
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({
    message: printableLine(question),
    initialValue: false,
    output: process.stderr,
  });
  if (prompts.isCancel(answer)) throw new RocError('ROC_INTERRUPTED', 'interrupted, nothing was changed');
  return answer;
}

/**
 * Asks for a line of text; `hint` says what to pass instead where nobody can answer.
 * @throws RocError ROC_REFUSED without a terminal, ROC_INTERRUPTED on Ctrl-C
 */
export async function askText(question: string, hint: string): Promise<string> {
  requireTerminal(question, hint);
  const prompts = await import('@clack/prompts');
  const answer = await prompts.text({ message: printableLine(question), output: process.stderr });
  if (prompts.isCancel(answer)) throw new RocError('ROC_INTERRUPTED', 'interrupted');
  return answer.trim();
}

/**
 * Asks for a secret without echo.
 * @throws RocError ROC_REFUSED without a terminal, ROC_INTERRUPTED on Ctrl-C
 */
export async function askPassword(question: string): Promise<string> {
  requireTerminal(question, 'Pass --password-stdin and pipe the password in.');
  const prompts = await import('@clack/prompts');
  const answer = await prompts.password({ message: printableLine(question), output: process.stderr });
  if (prompts.isCancel(answer)) throw new RocError('ROC_INTERRUPTED', 'interrupted');
  return answer;
}

/** Lets a person choose one of several; `hint` says what to pass instead where nobody can. */
export async function choose<T>(
  question: string,
  options: readonly { value: T; label: string; hint?: string }[],
  hint: string,
): Promise<T> {
  requireTerminal(question, hint);
  const prompts = await import('@clack/prompts');
  // Indexes instead of values: the prompt's types want primitives.
  const answer = await prompts.select({
    message: question,
    options: options.map(({ label, hint: note }, value) => ({
      value,
      label,
      ...(note ? { hint: note } : {}),
    })),
    output: process.stderr,
    maxItems: 15,
  });
  const chosen = typeof answer === 'number' ? options[answer] : undefined;
  if (chosen === undefined) throw new RocError('ROC_INTERRUPTED', 'interrupted');
  return chosen.value;
}

function requireTerminal(question: string, hint: string): void {
  if (process.stdin.isTTY && process.stderr.isTTY) return;
  throw new RocError('ROC_REFUSED', `"${question}" needs an answer and this is no terminal`, { hint });
}
