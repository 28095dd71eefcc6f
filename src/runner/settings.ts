/** The `runner` section of roc.yaml, and where the one-time token comes from. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Config, readSection } from '../kernel/config.js';
import { isRocError, RocError } from '../kernel/errors.js';
import { parseDuration } from '../kernel/time.js';
import { nameSchema } from '../protocol/names.js';
import { defaultStateDir } from './state-dir.js';

const MIB = 1024 * 1024;

export const runnerSectionSchema = z.strictObject({
  url: z.string().transform(originOf).optional().describe('server that this runner works for'),
  name: nameSchema.optional().describe('what it is called there; needed to register'),
  pool: nameSchema.optional().describe('pool that the registration token is expected to be for'),
  labels: z
    .record(nameSchema, z.string().max(190))
    .default({})
    .describe('what people shall know of this host'),
  slots: z.number().int().min(1).max(256).default(1).describe('robots that may run at a time'),
  stateDir: z.string().min(1).optional().describe('folder of keys, package cache and work'),
  drainTimeout: z
    .union([z.string(), z.number()])
    .default('30s')
    .transform(durationOf)
    .describe('how long robots may go on after the first interrupt'),
  cacheMib: z
    .number()
    .int()
    .min(0)
    .max(1_048_576)
    .default(2048)
    .describe('MiB of encrypted packages to keep'),
  publisherKeys: z
    .array(z.string().min(1))
    .default([])
    .describe('files with public keys (PEM): only robots that one of them signed run here'),
});

export interface RunnerSettings {
  readonly url: string | undefined;
  readonly name: string | undefined;
  readonly pool: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly slots: number;
  readonly stateDir: string;
  readonly drainTimeoutMs: number;
  readonly cacheBytes: number;
  /** PEM. */
  readonly publisherKeys: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** @param flags by the names of the section; `labels` as `name=value` @throws RocError ROC_CONFIG_INVALID, ROC_USAGE */
export function runnerSettings(
  config: Config,
  flags: Readonly<Record<string, unknown>> & { readonly labels?: readonly string[] | undefined },
  env: Env,
): RunnerSettings {
  const labels = flags.labels === undefined ? undefined : Object.fromEntries(flags.labels.map(labelOf));
  const section = readSection(config, 'runner', runnerSectionSchema, { ...flags, labels });
  const { url, name, pool, slots } = section;
  return {
    ...{ url, name, pool, slots, labels: section.labels },
    stateDir: section.stateDir ?? defaultStateDir(env),
    drainTimeoutMs: section.drainTimeout,
    cacheBytes: section.cacheMib * MIB,
    publisherKeys: section.publisherKeys.map(readKeyFile),
  };
}

/** From a file, a flag or ROC_RUNNER_TOKEN, in this order; a flag can be seen by every user of the host while it runs. */
export function registrationToken(
  flags: { readonly token?: string | undefined; readonly tokenFile?: string | undefined },
  env: Env,
): string | undefined {
  if (flags.tokenFile === undefined) return flags.token ?? env['ROC_RUNNER_TOKEN'];
  try {
    return readFileSync(flags.tokenFile, 'utf8').trim();
  } catch (cause) {
    throw new RocError('ROC_USAGE', `--token-file ${flags.tokenFile} cannot be read`, {
      hint: 'Check the path and its permissions.',
      cause,
    });
  }
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RocError('ROC_CONFIG_INVALID', `runner.publisherKeys: ${file} cannot be read`, {
      hint: 'Name files with public keys, as `roc robots keygen` writes them.',
      cause,
    });
  }
}

function originOf(text: string, context: z.RefinementCtx): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '' &&
    url.pathname === '/';
  if (isOrigin) return url.origin;
  context.addIssue({
    code: 'custom',
    message: 'expected scheme, host and port, such as https://roc.example.com',
  });
  return z.NEVER;
}

function durationOf(value: string | number, context: z.RefinementCtx): number {
  try {
    return parseDuration(String(value));
  } catch (error) {
    context.addIssue({ code: 'custom', message: isRocError(error) ? `${error.message}` : String(error) });
    return z.NEVER;
  }
}

function labelOf(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new RocError('ROC_USAGE', `"${text}" is not a label`, {
    hint: 'Write name=value, for example --label os=debian.',
  });
}
