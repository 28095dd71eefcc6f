/** What every session command starts from: settings, access to AWS, and the instance that is meant. */
import { type AwsFlags, type AwsTarget, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import type { Log } from '../kernel/log.js';
import { readStackFile } from '../kernel/stack-file.js';
import type { StackOutputs } from '../kernel/stack-outputs.js';
import { awsErrorName } from './aws/call.js';
import { type AwsAccess, awsAccess } from './aws/clients.js';
import { createSessionApi } from './aws/session-api.js';
import { type Choice, choiceOf } from './choice.js';
import { type BastionConfig, bastionConfigSchema, type Target } from './model.js';
import type { SessionApi } from './session/ports.js';
import { resolveTarget } from './target/resolve.js';

export interface SetupOptions {
  readonly choose: Choose;
  readonly log: Log;
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags & {
    readonly reason?: string | undefined;
    readonly parallel?: number | undefined;
    readonly 'max-rate'?: number | undefined;
    readonly document?: string | undefined;
  };
}

/** Lets a person choose; `hint` says what to pass where nobody can. */
type Choose = (question: string, choices: readonly Choice<Target>[], hint: string) => Promise<Target>;

export interface Setup {
  readonly aws: AwsTarget;
  readonly access: AwsAccess;
  readonly api: SessionApi;
  readonly settings: BastionConfig;
  readonly outputs: Partial<StackOutputs> | null;
  readonly log: Log;
  /** The instance id that TARGET means, or its stand-in. */
  target(text: string | undefined): Promise<string>;
  /** Runs `use`; when the instance turns out not to be connected, the error says why. */
  explained<T>(target: string, use: () => Promise<T>): Promise<T>;
}

export function setUp({ config, cwd, env, flags, choose, log }: SetupOptions): Setup {
  const settings = readSection(config, 'bastion', bastionConfigSchema, {
    reason: flags.reason,
    parallel: flags.parallel,
    maxRate: flags['max-rate'],
    document: flags.document,
  });
  const outputs = readStackFile(config.file, cwd);
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region;
  const aws = resolveAwsTarget({ ...flags, region }, env);
  const access = awsAccess(aws);
  return {
    aws,
    access,
    api: createSessionApi(access),
    settings,
    outputs,
    log,
    explained: (target, use) => explained(access, target, env, use),
    target: (text) =>
      resolveTarget({
        access,
        expression: text ?? settings.target ?? outputs?.bastionInstanceId ?? undefined,
        choose: (targets) =>
          choose(
            'Which instance?',
            targets.map(choiceOf),
            'Name the TARGET: an id, a Name tag, an address or tags.',
          ),
      }),
  };
}

/** The error of an instance that is not connected says what the doctor found. */
async function explained<T>(
  access: AwsAccess,
  target: string,
  env: SetupOptions['env'],
  use: () => Promise<T>,
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (awsErrorName(error) !== 'TargetNotConnected') throw error;
    const { examine, unreachableError } = await import('./doctor/doctor.js');
    throw unreachableError(target, await examine({ access, target, env, now: Date.now }), error);
  }
}
