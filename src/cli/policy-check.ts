/** `roc policy check`: policy files and the whole roc.yaml against the schemas of the rooms that read them. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { z } from 'zod';
import { CONFIG_SECTIONS } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { readYamlDocument } from '../kernel/yaml-document.js';
import { checkYaml, type Problem, schemaProblems, yamlProblems } from './yaml-check.js';

/** The schemas by section and by file name; the registry of the program has this shape. */
export interface Schemas {
  readonly sections: Readonly<Record<string, { readonly schema: () => Promise<z.ZodType> } | undefined>>;
  readonly policies: readonly {
    readonly kind: string;
    readonly files: RegExp;
    readonly schema: () => Promise<z.ZodType>;
  }[];
}

export interface CheckedFile {
  readonly file: string;
  /** `config` for a roc.yaml, else the kind of policy. */
  readonly kind: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
}

/** A roc.yaml and every policy in the folder `policies` beside it. */
export async function filesBeside(configFile: string): Promise<string[]> {
  const folder = join(dirname(configFile), 'policies');
  const names = await readdir(folder).catch(() => []);
  const policies = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  return [configFile, ...policies.map((name) => join(folder, name))];
}

/** @throws RocError ROC_USAGE for a file that cannot be read or whose kind its name does not tell */
export async function checkFile(file: string, schemas: Schemas, kind?: string): Promise<CheckedFile> {
  const name = basename(file);
  const isConfig = kind === undefined && /^roc\.ya?ml$/.test(name);
  const policy = schemas.policies.find((entry) =>
    kind === undefined ? entry.files.test(name) : entry.kind === kind,
  );
  if (!isConfig && policy === undefined) throw unknownKind(file, schemas);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new RocError('ROC_USAGE', `${file} cannot be read`, { hint: 'Check the path.', cause });
  });
  const problems =
    policy === undefined || isConfig
      ? await configProblems(text, schemas)
      : checkYaml(text, await policy.schema());
  return {
    file,
    kind: isConfig ? 'config' : (policy?.kind ?? 'config'),
    valid: problems.length === 0,
    problems,
  };
}

async function configProblems(text: string, schemas: Schemas): Promise<Problem[]> {
  const document = readYamlDocument(text);
  if (document.problems.length > 0) return yamlProblems(document);
  const { value } = document;
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value))
    return [{ line: document.lineOf([]), path: '', message: 'expected sections' }];
  const problems: Problem[] = [];
  for (const [section, content] of Object.entries(value)) {
    const entry = schemas.sections[section];
    if (entry !== undefined)
      problems.push(...schemaProblems(document, content ?? {}, await entry.schema(), [section]));
    else if (!(CONFIG_SECTIONS as readonly string[]).includes(section))
      problems.push({ line: document.lineOf([section]), path: section, message: 'unknown section' });
  }
  return problems;
}

function unknownKind(file: string, schemas: Schemas): RocError {
  const kinds = schemas.policies.map(({ kind }) => kind).join(', ');
  return new RocError('ROC_USAGE', `the name of ${file} does not tell what kind of policy it is`, {
    hint: `Name the kind with --kind: ${kinds}.`,
  });
}
