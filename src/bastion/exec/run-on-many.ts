/** The same command on many instances, some at a time, each with its own output and exit code. */
import { isRocError } from '../../kernel/errors.js';
import type { Target } from '../model.js';
import { type RunCommandOptions, runCommand } from './run-command.js';

export interface ManyOptions extends Omit<RunCommandOptions, 'target' | 'platform' | 'stdout' | 'stderr'> {
  readonly targets: readonly Target[];
  /** @default 10 */
  readonly concurrency?: number | undefined;
  /** Told as each one ends. */
  readonly onResult: (result: CommandResult) => void;
}

export interface CommandResult {
  readonly instanceId: string;
  readonly name: string | null;
  /** Null when it could not be run to its end; then `error` says why. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly error: string | null;
}

/** Output kept for each instance; a runaway command on a hundred hosts must not fill the memory. */
const OUTPUT_LIMIT = 1024 * 1024;

export async function runOnMany(options: ManyOptions): Promise<CommandResult[]> {
  const results: CommandResult[] = [];
  const queue = [...options.targets.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, target] = next;
      const result = await runOnOne(options, target);
      results[index] = result;
      options.onResult(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency ?? 10, queue.length) }, worker));
  return results;
}

/** The platform by what Systems Manager says of the instance. */
export function platformOf(target: Target | undefined): 'posix' | 'windows' {
  return /windows/i.test(target?.platform ?? '') ? 'windows' : 'posix';
}

async function runOnOne(options: ManyOptions, target: Target): Promise<CommandResult> {
  const stdout = limitedText();
  const stderr = limitedText();
  const { instanceId, name } = target;
  try {
    const exitCode = await runCommand({
      ...options,
      target: instanceId,
      platform: platformOf(target),
      stdout: stdout.add,
      stderr: stderr.add,
    });
    return { instanceId, name, exitCode, stdout: stdout.text(), stderr: stderr.text(), error: null };
  } catch (error) {
    if (!isRocError(error)) throw error;
    return {
      instanceId,
      name,
      exitCode: null,
      stdout: stdout.text(),
      stderr: stderr.text(),
      error: error.message,
    };
  }
}

function limitedText(): { add: (bytes: Buffer) => void; text: () => string } {
  const chunks: Buffer[] = [];
  let length = 0;
  let isCut = false;
  return {
    add(bytes) {
      isCut ||= length + bytes.length > OUTPUT_LIMIT;
      const kept = bytes.subarray(0, Math.max(0, OUTPUT_LIMIT - length));
      length += kept.length;
      chunks.push(Buffer.from(kept));
    },
    text: () => Buffer.concat(chunks).toString('utf8') + (isCut ? '\n[cut at 1 MiB]\n' : ''),
  };
}
