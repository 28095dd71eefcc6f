/** The least-privilege policy of one command, as IAM takes it. */
import { RocError } from '../../kernel/errors.js';
import { nearest } from '../nearest.js';
import { ANY, type Right } from './right.js';
import { COMMAND_RIGHTS } from './table.js';

export interface PolicyPlace {
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly stack: string | undefined;
}

export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly object[];
}

/** @throws RocError ROC_NOT_FOUND for a command that asks nothing of AWS, or does not exist */
export function commandPolicy(command: string, place: PolicyPlace): PolicyDocument {
  const rights = Object.hasOwn(COMMAND_RIGHTS, command) ? COMMAND_RIGHTS[command] : undefined;
  if (rights === undefined) throw unknown(command);
  return { Version: '2012-10-17', Statement: merged(rights).map((right) => statement(right, place)) };
}

/** Rights on the same resources under the same condition become one statement. */
function merged(rights: readonly Right[]): Right[] {
  const groups = new Map<string, Right>();
  for (const right of rights) {
    const key = JSON.stringify([right.on, right.when ?? null, right.on === ANY ? serviceOf(right) : null]);
    const actions = [...(groups.get(key)?.actions ?? []), ...right.actions];
    groups.set(key, { ...right, actions: [...new Set(actions)].sort() });
  }
  return [...groups.values()];
}

// Statements on everything stay one a service, so that a reader sees what each is about.
function serviceOf({ actions, when }: Right): string | null {
  return when === undefined ? null : (actions[0]?.split(':')[0] ?? null);
}

function statement({ actions, on, when }: Right, place: PolicyPlace): object {
  return {
    Effect: 'Allow',
    Action: actions,
    Resource: on.map((arn) => placed(arn, place)),
    ...(when === undefined ? {} : { Condition: when }),
  };
}

function placed(arn: string, { account, region, stack }: PolicyPlace): string {
  return arn
    .replaceAll('{account}', account ?? '*')
    .replaceAll('{region}', region ?? '*')
    .replaceAll('{stack}', stack ?? '*');
}

function unknown(command: string): RocError {
  const known = Object.keys(COMMAND_RIGHTS).sort();
  const close = nearest(command, known);
  return new RocError('ROC_NOT_FOUND', `no rights are known for "${command}"`, {
    hint: `${close === null || close === undefined ? '' : `Did you mean "${close}"? `}Commands that ask AWS: ${known.join(', ')}.`,
  });
}
