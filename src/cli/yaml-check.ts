/** Checks a YAML text against a schema and says by file, line and path what is wrong. */
import type { z } from 'zod';
import { readYamlDocument, type YamlDocument } from '../kernel/yaml-document.js';

export interface Problem {
  /** From 1; null where there is no place. */
  readonly line: number | null;
  /** `gates.0.max`; empty for the document itself. */
  readonly path: string;
  readonly message: string;
}

/** What is wrong with a whole document. */
export function checkYaml(text: string, schema: z.ZodType): Problem[] {
  const document = readYamlDocument(text);
  return document.problems.length > 0
    ? yamlProblems(document)
    : schemaProblems(document, document.value, schema, []);
}

export function yamlProblems(document: YamlDocument): Problem[] {
  return document.problems.map(({ line, message }) => ({ line, path: '', message }));
}

/** What is wrong with the part of a document at `root`. */
export function schemaProblems(
  document: YamlDocument,
  value: unknown,
  schema: z.ZodType,
  root: readonly PropertyKey[],
): Problem[] {
  const result = schema.safeParse(value);
  if (result.success) return [];
  const problem = (path: readonly PropertyKey[], message: string): Problem => {
    const full = [...root, ...path];
    return { line: document.lineOf(full), path: full.map(String).join('.'), message };
  };
  return result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => problem([...issue.path, key], 'unknown key'))
      : [problem(issue.path, issue.message)],
  );
}
