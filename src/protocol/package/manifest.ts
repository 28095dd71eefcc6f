/** robot.yaml: what a robot says of itself, read strictly, with the line of whatever is wrong. */
import { type Document, isMap, isNode, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { DAY, HOUR, parseDuration, SECOND } from '../../kernel/time.js';
import { nameSchema, versionSchema } from '../names.js';
import { invalidPackage } from './invalid-package.js';

export const MANIFEST_NAME = 'robot.yaml';
export const MANIFEST_MAX_BYTES = 64 * 1024;

export const PLATFORMS = ['linux', 'macos', 'windows'] as const;

const MAX_TIMEOUT = 7 * DAY;
const MAX_INPUTS_DEPTH = 32;
const MAX_ASSETS = 50;
/** Nodes above one another, a pair being one of them; more than any schema that is let through. */
const MAX_YAML_PATH = 3 * (MAX_INPUTS_DEPTH + 2);
const MAX_PROBLEMS = 5;
const TOO_DEEP = 'nested too deep';

const fields = {
  name: nameSchema,
  version: versionSchema,
  /** Program and arguments, run without a shell in the package's folder. */
  entrypoint: z
    .array(
      z
        .string()
        .min(1, 'expected a word, got an empty string')
        .max(4096)
        .regex(/^[^\0]*$/, 'expected no NUL character'),
    )
    .min(1, 'expected the program and its arguments, got an empty list')
    .max(128),
  platforms: z
    .array(z.enum(PLATFORMS, `expected one of ${PLATFORMS.join(', ')}`))
    .min(1, 'expected at least one platform')
    .default([...PLATFORMS])
    .transform((chosen) => PLATFORMS.filter((platform) => chosen.includes(platform))),
  /** JSON Schema of the input, or null where any input will do. */
  inputs: z
    .record(z.string(), z.json())
    .refine((schema) => depthOf(schema) <= MAX_INPUTS_DEPTH, `expected at most ${MAX_INPUTS_DEPTH} levels`)
    .nullable()
    .default(null),
  idempotent: z.boolean().default(false),
  /** Names of the assets that it reads; a job gets no other ones. */
  assets: z
    .array(nameSchema)
    .max(MAX_ASSETS)
    .refine((names) => new Set(names).size === names.length, 'expected each name once')
    .default([]),
  description: z
    .string()
    .trim()
    .max(500)
    .regex(/^\P{Cc}*$/u, 'expected one line')
    .optional(),
};

/** The manifest as it is stored and sent: JSON, durations in milliseconds. */
export const robotManifestSchema = z.strictObject({
  ...fields,
  timeoutMs: z
    .int()
    .min(SECOND, 'expected at least 1s')
    .max(MAX_TIMEOUT, 'expected at most 7d')
    .default(HOUR),
});

export type RobotManifest = z.output<typeof robotManifestSchema>;

const robotYamlSchema = z
  .strictObject({ ...fields, timeout: z.union([z.string(), z.number()]).default('1h').transform(durationOf) })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }));

/**
 * Reads the text of a robot.yaml.
 * @throws RocError ROC_PACKAGE_INVALID that names the line and the key
 */
export function parseRobotManifest(yamlText: string): RobotManifest {
  if (Buffer.byteLength(yamlText) > MANIFEST_MAX_BYTES)
    throw invalidPackage(`${MANIFEST_NAME} is larger than ${MANIFEST_MAX_BYTES / 1024} KiB`);
  const lines = new LineCounter();
  const document = readYaml(yamlText, lines);
  const result = robotYamlSchema.safeParse(document.toJS());
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, MAX_PROBLEMS)
    .flatMap((issue) => issueTexts(issue, document, lines));
  throw invalidPackage(problems.slice(0, MAX_PROBLEMS).join('; '), {
    hint: `Correct ${MANIFEST_NAME}; docs/robots.md lists every key.`,
  });
}

// Someone else's file on the server's one thread: what yaml offers for duplicate keys and pretty errors takes
// seconds on 64 KiB that were made for it.
function readYaml(text: string, lines: LineCounter): Document {
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    schema: 'core',
  });
  const refuse = (message: string, offset: number | undefined) =>
    invalidPackage(`${place(offset === undefined ? undefined : lines.linePos(offset).line)}: ${message}`, {
      hint: `Correct the YAML of ${MANIFEST_NAME}.`,
    });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw refuse(problem.code === 'RESOURCE_EXHAUSTION' ? TOO_DEEP : problem.message, problem.pos[0]);
  visit(document, {
    Alias: (_, { range }) => {
      throw refuse('aliases are not accepted', range?.[0]);
    },
    Map: (_, { items }, path) => {
      if (path.length > MAX_YAML_PATH) throw refuse(TOO_DEEP, offsetOf(items[0]?.key));
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = keyName(key);
        if (seen.has(name)) throw refuse(`the key ${JSON.stringify(name)} is there twice`, offsetOf(key));
        seen.add(name);
      }
    },
    Seq: (_, { range }, path) => {
      if (path.length > MAX_YAML_PATH) throw refuse(TOO_DEEP, range?.[0]);
    },
  });
  return document;
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyName(key: unknown): string {
  return String(isNode(key) ? key.toJSON() : key);
}

function issueTexts(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): string[] {
  const at = (path: readonly PropertyKey[]) => place(lineOf(document, path, lines));
  if (issue.code === 'unrecognized_keys')
    return issue.keys
      .slice(0, MAX_PROBLEMS)
      .map((key) => `${at([...issue.path, key])}: ${[...issue.path, key].join('.')}: unknown key`);
  const name = issue.path.length === 0 ? 'the document' : issue.path.join('.');
  const isMissing = issue.path.length > 0 && !document.hasIn(issue.path);
  return [`${at(issue.path)}: ${name}: ${isMissing ? 'is missing' : issue.message}`];
}

/** The line of a key, or of the nearest thing above it that exists. */
function lineOf(document: Document, path: readonly PropertyKey[], lines: LineCounter): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(parent) ? parent.items.find(({ key }) => keyName(key) === String(last)) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

function place(line: number | undefined): string {
  return line === undefined ? MANIFEST_NAME : `${MANIFEST_NAME}:${line}`;
}

function durationOf(value: string | number, context: z.RefinementCtx): number {
  const refuse = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  try {
    const ms = parseDuration(String(value));
    if (ms < SECOND || ms > MAX_TIMEOUT)
      return refuse(`expected between 1s and 7d, got ${JSON.stringify(value)}`);
    return ms;
  } catch {
    return refuse(`expected a duration (like 90s, 15m, 2h), got ${JSON.stringify(value)}`);
  }
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}
