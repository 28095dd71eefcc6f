import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RoutedCommand, route, topicsOf } from '../../src/cli/route.js';
import { RocError } from '../../src/kernel/errors.js';

const command = (parts: Partial<RoutedCommand> = {}): RoutedCommand => ({
  aliases: [],
  hiddenAliases: [],
  args: {},
  strict: true,
  ...parts,
});
const COMMANDS: Record<string, RoutedCommand> = {
  whoami: command(),
  deploy: command({ args: { robot: {} } }),
  provision: command(),
  'provision:plan': command(),
  'jobs:start': command({ args: { process: {} } }),
  'jobs:list': command({ aliases: ['jobs:ls'], hiddenAliases: ['jobs:dir'] }),
  'bastion:exec': command({ args: { target: {} }, strict: false }),
};

describe('routing', () => {
  it.each([
    ['whoami', { kind: 'run', id: 'whoami', argv: [] }],
    ['whoami --json', { kind: 'run', id: 'whoami', argv: ['--json'] }],
    [
      'deploy invoices@1.2.0 --to prod',
      { kind: 'run', id: 'deploy', argv: ['invoices@1.2.0', '--to', 'prod'] },
    ],
    ['jobs start invoices', { kind: 'run', id: 'jobs:start', argv: ['invoices'] }],
    ['jobs:start invoices', { kind: 'run', id: 'jobs:start', argv: ['invoices'] }],
    ['jobs ls', { kind: 'run', id: 'jobs:list', argv: [] }],
    ['jobs dir', { kind: 'run', id: 'jobs:list', argv: [] }],
    ['provision', { kind: 'run', id: 'provision', argv: [] }],
    ['provision --yes', { kind: 'run', id: 'provision', argv: ['--yes'] }],
    ['provision plan', { kind: 'run', id: 'provision:plan', argv: [] }],
    ['bastion exec t -- ls --help', { kind: 'run', id: 'bastion:exec', argv: ['t', '--', 'ls', '--help'] }],
    ['', { kind: 'help', id: null }],
    ['--help', { kind: 'help', id: null }],
    ['help', { kind: 'help', id: null }],
    ['jobs', { kind: 'help', id: 'jobs' }],
    ['jobs --help', { kind: 'help', id: 'jobs' }],
    ['help jobs', { kind: 'help', id: 'jobs' }],
    ['help jobs start', { kind: 'help', id: 'jobs:start' }],
    ['jobs start --help', { kind: 'help', id: 'jobs:start' }],
    ['jobs start invoices --input x --help', { kind: 'help', id: 'jobs:start' }],
    ['provision --help', { kind: 'help', id: 'provision' }],
  ])('%j', (line, expected) => {
    expect(route(line.split(' ').filter(Boolean), COMMANDS)).toEqual(expected);
  });

  it.each([
    ['whoam', 'roc whoam is not a command', 'Did you mean `roc whoami`?'],
    ['jobs strat', 'roc jobs strat is not a command', 'Did you mean `roc jobs start`?'],
    ['job start', 'roc job is not a command', 'Did you mean `roc jobs`?'],
    ['provision plam', 'roc provision plam is not a command', 'Did you mean `roc provision plan`?'],
    ['zzzzzzz', 'roc zzzzzzz is not a command', 'List the commands with `roc --help`.'],
    ['help zzzzzzz', 'roc zzzzzzz is not a command', 'List the commands with `roc --help`.'],
    ['__proto__', 'roc __proto__ is not a command', 'List the commands with `roc --help`.'],
    ['--json', 'roc needs a command before --json', 'List the commands with `roc --help`.'],
    ['jobs --json', 'roc jobs needs a command before --json', 'List the commands with `roc jobs --help`.'],
  ])('refuses %j and says what was meant', (line, message, hint) => {
    expect(refusal(line.split(' '))).toMatchObject({ code: 'ROC_USAGE', message, hint });
  });

  it('never fails in another way, whatever is typed', () => {
    const word = fc.oneof(
      fc.constantFrom(...Object.keys(COMMANDS), 'jobs', 'help', '--', '--help', '-x'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        const refused = refusal(argv);
        expect(refused === undefined || refused instanceof RocError).toBe(true);
      }),
    );
  });
});

describe('topics', () => {
  it('are the beginnings of the ids, each once', () => {
    expect(topicsOf(['a', 'b:c', 'b:d', 'e:f:g'])).toEqual(['b', 'e', 'e:f']);
  });
});

function refusal(argv: readonly string[]): unknown {
  try {
    route(argv, COMMANDS);
    return undefined;
  } catch (error) {
    return error;
  }
}
