/** `roc bastion exec`: one instance with its output as it comes, several with theirs as each one ends. */
import type { Writable } from 'node:stream';
import { RocError } from '../../kernel/errors.js';
import { onOneLine } from '../../kernel/foreign-text.js';
import type { Setup } from '../setup.js';
import { parseTarget } from '../target/expression.js';
import { resolveTargets } from '../target/resolve.js';
import { runCommand } from './run-command.js';
import { type CommandResult, platformOf, runOnMany } from './run-on-many.js';

export interface ExecuteOptions {
  readonly room: Setup;
  readonly expression: string;
  /** As the shell gave it; the command is what follows the first `--`. */
  readonly argv: readonly string[];
  readonly document?: string | undefined;
  readonly concurrency: number;
  readonly windows: boolean;
  readonly signal: AbortSignal;
  /** Absent: nothing is shown, the results tell. */
  readonly stdout?: Writable | undefined;
  readonly stderr?: Writable | undefined;
}

export interface Execution {
  readonly exitCode: number;
  readonly items: readonly CommandResult[];
}

export async function executeCommand(options: ExecuteOptions): Promise<Execution> {
  const words = commandWords(options.argv);
  const isId = parseTarget(options.expression).kind === 'id';
  if (isId && options.stdout !== undefined) return onOne(options, words, options.expression);
  const targets = isId
    ? [bareTarget(options.expression, options.windows)]
    : (await resolveTargets(options.room.access, options.expression)).filter(({ ping }) => ping === 'Online');
  const [first] = targets;
  if (first === undefined) {
    throw new RocError('ROC_NOT_FOUND', `no instance that answers matches "${options.expression}"`, {
      hint: 'List what can be reached with `roc bastion list`.',
    });
  }
  if (targets.length === 1 && options.stdout !== undefined) {
    const windows = options.windows || platformOf(first) === 'windows';
    return onOne({ ...options, windows }, words, first.instanceId);
  }
  const items = await runOnMany({
    ...shared(options),
    words,
    targets,
    concurrency: options.concurrency,
    onResult: (result) => show(result, options),
  });
  const [only] = items;
  if (items.length === 1 && only?.exitCode != null) return { exitCode: only.exitCode, items };
  return { exitCode: items.every(({ exitCode }) => exitCode === 0) ? 0 : 3, items };
}

async function onOne(options: ExecuteOptions, words: readonly string[], target: string): Promise<Execution> {
  const exitCode = await options.room.explained(target, () =>
    runCommand({
      ...shared(options),
      words,
      target,
      platform: options.windows ? 'windows' : 'posix',
      stdout: (bytes) => void options.stdout?.write(bytes),
      stderr: (bytes) => void options.stderr?.write(bytes),
    }),
  );
  return { exitCode, items: [] };
}

function shared({ room, document, signal }: ExecuteOptions) {
  return { api: room.api, document, reason: room.settings.reason, signal, log: room.log };
}

function commandWords(argv: readonly string[]): string[] {
  const at = argv.indexOf('--');
  const words = at < 0 ? [] : argv.slice(at + 1);
  if (words.length > 0) return words;
  throw new RocError('ROC_USAGE', 'no command is named', { hint: 'Write it after --, as in `-- uptime`.' });
}

function bareTarget(instanceId: string, windows: boolean) {
  const unknown = { name: null, agentVersion: null, ping: null, az: null, state: null };
  return {
    ...unknown,
    instanceId,
    platform: windows ? 'Windows' : null,
    privateIp: null,
    privateDns: null,
    tags: {},
  };
}

function show(result: CommandResult, { stdout, stderr }: ExecuteOptions): void {
  // A name is anybody's who may tag an instance, or the instance's own word.
  const label = onOneLine(result.name ?? result.instanceId);
  const lines = (text: string) => text.replace(/\n$/, '').split('\n');
  for (const line of result.stdout ? lines(result.stdout) : []) stdout?.write(`${label}: ${line}\n`);
  for (const line of result.stderr ? lines(result.stderr) : []) stderr?.write(`${label}: ${line}\n`);
  if (result.error !== null) stderr?.write(`${label}: ${onOneLine(result.error)}\n`);
  else if (result.exitCode !== 0) stderr?.write(`${label}: exit code ${result.exitCode}\n`);
}
