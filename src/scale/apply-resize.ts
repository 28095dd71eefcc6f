/** `roc scale apply --rds`: another class for the database, when somebody asks for it, in its window, with fresh backups. */
import { dirname, join, resolve } from 'node:path';
import { type AwsFlags, resolveAwsTarget } from '../kernel/aws.js';
import { type Config, readSection } from '../kernel/config.js';
import { isRocError, RocError } from '../kernel/errors.js';
import { readStackFile } from '../kernel/stack-file.js';
import { type Clock, isoTime } from '../kernel/time.js';
import { createAudit, type ResizeEntry } from './audit.js';
import { awsAccess } from './aws/access.js';
import { type DailyWindow, parseDailyWindow } from './database/change.js';
import { applyResize, planResize } from './database/resize.js';
import { loadScalePolicy } from './policy/load.js';
import { scaleSectionSchema } from './section.js';

export interface ResizeOptions {
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags & {
    readonly policy?: string | undefined;
    readonly rds?: string | undefined;
    readonly window?: string | undefined;
  };
  /** Folder of the package, where the shipped policies are. */
  readonly root: string;
  readonly now: Clock;
}

export interface Resized {
  readonly database: string;
  readonly from: string;
  readonly to: string;
  readonly effects: readonly string[];
  readonly requestId: string | null;
}

/** @throws RocError ROC_REFUSED with every refusal, ROC_USAGE where a flag is no class or window */
export async function applyRdsClass(
  { config, cwd, env, flags, root, now }: ResizeOptions,
  confirm: (question: string) => Promise<void>,
): Promise<Resized> {
  const window = windowOf(flags.window);
  const section = readSection(config, 'scale', scaleSectionSchema, { policy: flags.policy });
  const base = config.file === null ? cwd : dirname(config.file);
  const file = flags.policy ?? (section.policy === undefined ? undefined : resolve(base, section.policy));
  const { policy } = await loadScalePolicy(root, file);
  const outputs = readStackFile(config.file, cwd);
  const id = policy.target.dbInstance ?? outputs?.dbInstanceId ?? null;
  if (id === null) {
    throw new RocError('ROC_USAGE', 'no database is named', {
      hint: 'Set target.dbInstance in the policy, or run `roc provision outputs` here.',
    });
  }
  const region = flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region;
  const access = awsAccess(resolveAwsTarget({ ...flags, region }, env));
  const request = { id, to: flags.rds ?? '', window };
  const { database, decision } = await planResize(access, request, now);
  // What is refused is refused before anybody is asked.
  if (decision.isAllowed)
    await confirm(`${id}: ${database.class} to ${request.to}? ${decision.effects.join('; ')}.`);
  const audit = createAudit(join(resolve(base, section.dir), 'audit.jsonl'));
  const told = { action: 'resize', database: id, before: database.class, after: request.to } as const;
  const write = (outcome: ResizeEntry['outcome'], requestId: string | null, error: string | null) =>
    audit.append({ at: isoTime(now()), ...told, outcome, requestId, error });
  if (decision.isAllowed) await write('begins', null, null);
  try {
    const { requestId } = await applyResize(access, request, now);
    await write('done', requestId, null);
    return { database: id, from: database.class, to: request.to, effects: decision.effects, requestId };
  } catch (error) {
    await write('failed', null, isRocError(error) ? error.message : String(error));
    throw error;
  }
}

function windowOf(text: string | undefined): DailyWindow {
  const window = parseDailyWindow(text ?? '');
  if (window !== null) return window;
  throw new RocError('ROC_USAGE', `--window ${text ?? ''} is not a stretch of the day`, {
    hint: 'Write it in UTC: --window 02:00-04:00.',
  });
}
