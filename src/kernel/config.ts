/** Merges roc.yaml < environment < flags and freezes it; a room reads its own section with its own schema. */
import { resolve } from 'node:path';
import type { z } from 'zod';
import { type ConfigVariable, coerceTexts, configVariables, isAbout } from './config-env.js';
import { findConfigFile, isMapping, readConfigFile } from './config-file.js';
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
  /** The environment variables that are part of it; their values are still text in `sections`. */
  readonly variables?: readonly ConfigVariable[];
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
  for (const [name, value] of Object.entries(fromFile)) requireSection(name, value, `${file}: ${name}`);
  const variables = configVariables(options.env);
  for (const { section, name } of variables) requireSection(section, {}, name);
  const sections = variables.reduce(
    (merged, { section, keys, text }) => mergeDeep(merged, nested([section, ...keys], text)),
    fromFile,
  );
  return deepFreeze({ file, sections, variables });
}

/**
 * Parses one section with its room's schema, which must be strict so that unknown keys are named.
 * `overrides` are the flags; undefined values leave the lower layers alone.
 * @throws RocError ROC_CONFIG_INVALID
 */
export function readSection<S extends z.ZodType>(
  config: Config,
  section: ConfigSection,
  schema: S,
  overrides: Readonly<Record<string, unknown>> = {},
): z.output<S> {
  const raw = mergeDeep(
    (config.sections[section] ?? {}) as Record<string, unknown>,
    dropUndefined(overrides),
  );
  const variables = (config.variables ?? []).filter((variable) => variable.section === section);
  const issues = schema.safeParse(raw).error?.issues ?? [];
  const value = coerceTexts(raw, variables, issues) ?? raw;
  const blamed = variables.filter((variable) => issues.some((issue) => isAbout(issue, variable)));
  const sources = [config.file, ...blamed.map(({ name }) => name)].filter((source) => source !== null);
  return deepFreeze(parseWith(schema, value, { what: section, file: sources.join(' or ') }));
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
  const more = issues.length > 5 ? ` (and ${issues.length - 5} more)` : '';
  throw new RocError(where.code ?? 'ROC_CONFIG_INVALID', issues.slice(0, 5).join('; ') + more, {
    hint: where.file ? `Correct ${where.file}.` : 'Correct the value and try again.',
    details: { issues },
  });
}

function issueLines(issue: z.core.$ZodIssue, root: string): string[] {
  const at = [root, ...issue.path.map(String)].join('.');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${at}.${key}: unknown key`);
  return [`${at}: ${issue.message}`];
}

// A section without keys beneath it (`server:`) is null in YAML and as good as absent.
function requireSection(name: string, value: unknown, where: string): void {
  const isSection = (CONFIG_SECTIONS as readonly string[]).includes(name);
  if (isSection && (value === null || isMapping(value))) return;
  const kind = Array.isArray(value) ? 'a list' : typeof value;
  throw new RocError(
    'ROC_CONFIG_INVALID',
    `${where}: ${isSection ? `expected keys, got ${kind}` : 'unknown section'}`,
    {
      hint: isSection
        ? `Write the keys of ${name} on lines of their own.`
        : `Sections are: ${CONFIG_SECTIONS.join(', ')}.`,
    },
  );
}

function nested(keys: readonly string[], leaf: string): Record<string, unknown> {
  const [key = '', ...rest] = keys;
  return { [key]: rest.length === 0 ? leaf : nested(rest, leaf) };
}

function dropUndefined(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined));
}

// Entries, not assignments: a key called __proto__ stays a key, and is then refused as unknown.
function mergeDeep(lower: Record<string, unknown>, upper: Record<string, unknown>): Record<string, unknown> {
  const merged = Object.entries(upper).map(([key, value]) => {
    const below = Object.hasOwn(lower, key) ? lower[key] : undefined;
    return [key, isMapping(value) ? mergeDeep(isMapping(below) ? below : {}, value) : value] as const;
  });
  return Object.fromEntries([...Object.entries(lower), ...merged]);
}

function deepFreeze<T>(value: T): T {
  if ((Array.isArray(value) || isMapping(value)) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
