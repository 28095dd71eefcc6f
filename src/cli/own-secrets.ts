/** Secrets of the person at the terminal, asked for or piped in one a line. */
import { askPassword, askText } from './prompts.js';
import { readSecretFromStdin } from './stdin.js';

export interface SecretQuestion {
  readonly question: string;
  /** One-time codes may be seen while they are typed. */
  readonly isShown?: boolean;
}

/** The answers in order. @throws RocError ROC_REFUSED without a terminal, where they are not piped in */
export async function askSecrets(
  questions: readonly SecretQuestion[],
  { stdin }: { readonly stdin: boolean },
): Promise<string[]> {
  if (stdin) {
    const lines = (await readSecretFromStdin()).split(/\r?\n/);
    return questions.map((_, at) => lines[at] ?? '');
  }
  const answers: string[] = [];
  for (const { question, isShown } of questions) {
    answers.push(
      isShown ? await askText(question, 'Pass --stdin and pipe it in.') : await askPassword(question),
    );
  }
  return answers;
}
