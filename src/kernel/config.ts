/** Finds roc.yaml, merges file < environment < flags, freezes; a room reads its own section with its own schema. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { RocError } from './errors.js';

/** The sections a roc.yaml may have; an unknown one is an error at once, an unknown key when its section is read. */
export const CONFIG_SECTIONS = [
  'server',
  'runner',
  'client',
  'aws',
  'stack',
  'bastion',
  'backup',
  'vulns',
  'scale',
  'posture',
] as const;

export type ConfigSection = (typeof CONFIG_SECTIONS)[number];

export interface Config {
  /** The file that was read, or null where there was none. */
  readonly file: string | null;
  /** Merged raw values by section; read them through {@link readSection}. */
  readonly sections: Readonly<Partial<Record<ConfigSection, unknown>>>;
}

export interface LoadConfigOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--config FILE`: must exist when given. */
  readonly file?: string | undefined;
}

/**
 * Loads the configuration of a working directory: the nearest roc.yaml upward, then `ROC_<SECTION>__<KEY>`
 * variables (`ROC_SERVER__LISTEN=…`; `__` goes one level down, names are camelCased).
 * @throws RocError ROC_CONFIG_INVALID with file, line and path
 */
export function loadConfig(options: LoadConfigOptions): Config {
  const file = options.file === undefined ? findConfigFile(options.cwd) : resolve(options.cwd, options.file);
  const fromFile = file === null ? {} : readConfigFile(file);
  const sections = mergeDeep(fromFile, sectionsFromEnv(options.env));
  return deepFreeze({ file, sections });
}

/**
 * Parses one section with its room's schema, which must be strict so that unknown keys are named.
 * `overrides` are the flags; undefined values leave the lower layers alone.
 */
export function readSection<S extends z.ZodType>(
  config: Config,
  section: ConfigSection,
  schema: S,
  overrides: Readonly<Record<string, unknown>> = {},
): z.output<S> {
  const raw = mergeDeep(asObject(config.sections[section]), dropUndefined(overrides));
  return deepFreeze(parseWith(schema, raw, { what: section, file: config.file }));
}

/** Parses any value with a schema and turns the first issues into one sentence each, with their path. */
export function parseWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: {
    what: string;
    file?: string | null;
    code?: 'ROC_CONFIG_INVALID' | 'ROC_POLICY_INVALID' | 'ROC_INVALID_INPUT';
  },
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) => issueLines(issue, where.what));
  throw new RocError(where.code ?? 'ROC_CONFIG_INVALID', issues.slice(0, 5).join('; '), {
    hint: where.file ? `Correct ${where.file}.` : 'Correct the value and try again.',
    details: { issues },
  });
}

function issueLines(issue: z.core.$ZodIssue, root: string): string[] {
  const at = [root, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at}.${key}: unknown key`);
  return [`${at}: ${issue.message}`];
}

/** The nearest roc.yaml in a folder or above it. */
export function findConfigFile(cwd: string): string | null {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    const candidate = join(dir, 'roc.yaml');
    if (statSync(candidate, { throwIfNoEntry: false })?.isFile()) return candidate;
    if (dirname(dir) === dir) return null;
  }
}

function readConfigFile(file: string): Record<string, unknown> {
  const document = parseDocument(readText(file), { prettyErrors: true, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem) {
    throw new RocError('ROC_CONFIG_INVALID', `${file}: ${problem.message.split('\n')[0]}`, {
      hint: 'Correct the YAML at that line.',
      cause: problem,
    });
  }
  const value: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new RocError(
      'ROC_CONFIG_INVALID',
      `${file}: expected sections, got ${Array.isArray(value) ? 'a list' : typeof value}`,
      {
        hint: `Start with one of: ${CONFIG_SECTIONS.join(', ')}.`,
      },
    );
  }
  const unknown = Object.keys(value as object).find((key) => !isSection(key));
  if (unknown !== undefined) {
    throw new RocError('ROC_CONFIG_INVALID', `${file}: ${unknown}: unknown section`, {
      hint: `Sections are: ${CONFIG_SECTIONS.join(', ')}.`,
    });
  }
  return value as Record<string, unknown>;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RocError('ROC_CONFIG_INVALID', `${file} cannot be read`, {
      hint: 'Check the path given to --config and its permissions; `roc init` writes a new one.',
      cause,
    });
  }
}

function sectionsFromEnv(env: LoadConfigOptions['env']): Record<string, unknown> {
  const sections: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    const [section, ...keys] = name.startsWith('ROC_') ? name.slice(4).split('__').map(camelCase) : [];
    if (value === undefined || section === undefined || keys.length === 0 || !isSection(section)) continue;
    let node = sections;
    for (const key of [section, ...keys.slice(0, -1)]) {
      node[key] = asObject(node[key]);
      node = node[key] as Record<string, unknown>;
    }
    const last = keys.at(-1);
    if (last !== undefined) node[last] = scalar(value);
  }
  return sections;
}

function scalar(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function isSection(key: string): key is ConfigSection {
  return (CONFIG_SECTIONS as readonly string[]).includes(key);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function dropUndefined(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
}

function mergeDeep(lower: Record<string, unknown>, upper: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value);
    merged[key] = isNested ? mergeDeep(asObject(merged[key]), value as Record<string, unknown>) : value;
  }
  return merged;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
