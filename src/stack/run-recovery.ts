/** `roc provision recover`, whole: what is wrong, what is done about it, what it left. */
import { recoveryQuestion } from './deploy.js';
import { requirePlace } from './preflight.js';
import { type RecoverResult, recover } from './recover.js';
import { type SetupOptions, setUpStack } from './setup.js';
import type { Terminal } from './terminal.js';
import { narrator } from './text/narrate.js';

export interface RecoveryOptions extends Omit<SetupOptions, 'onEvent'> {
  readonly skip: readonly string[];
  readonly leave: readonly string[];
  readonly terminal: Terminal;
}

export async function runRecovery(options: RecoveryOptions): Promise<RecoverResult> {
  const { terminal, skip, leave } = options;
  const progress = terminal.progress(() => narrator(null));
  const room = setUpStack({ ...options, onEvent: (event) => progress.onEvent(event) });
  const { engine, stackName, env } = room;
  await requirePlace(engine, room);
  const result = await recover(engine, {
    ...{ stackName, env, skip, leave },
    confirm: (recovery) => terminal.confirm(recoveryQuestion(recovery)),
  }).finally(() => progress.done());
  for (const line of endLines(result)) terminal.line(line);
  return result;
}

function endLines({ did, status, stackName, kept }: RecoverResult): string[] {
  const said = {
    none: `${stackName} needs no recovery${status === null ? ': it does not exist' : ` (${status})`}`,
    attach: `${stackName} is ${status}`,
    continue: `${stackName} is back to how it was: plan again with \`roc provision\``,
    delete: `${stackName} is gone: plan again with \`roc provision\``,
    refuse: '',
  }[did];
  return [
    said,
    ...kept.map(({ logicalId, physicalId }) => `  left in the account: ${logicalId} ${physicalId ?? ''}`),
    ...(kept.length === 0
      ? []
      : ['  names that are taken: `roc provision import` takes them into the next stack']),
  ];
}
