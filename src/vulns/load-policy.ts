/** Policies, tables and asset lists from YAML files, checked by their schemas. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { parseWith } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { DAY } from '../kernel/time.js';
import {
  type Assets,
  assetsSchema,
  policySchema,
  suppressionsSchema,
  type TableDocument,
  tableSchema,
  type VulnsPolicy,
} from './policy.js';

/** Table names to the shipped files that hold them. */
const TABLE_FILES: Readonly<Record<VulnsPolicy['table'], string>> = {
  'cisa-bod-26-04': 'vulns-bod-26-04.yaml',
  'cisa-coordinator': 'vulns-cisa-coordinator.yaml',
};

/**
 * @param file the user's policy; undefined means the shipped one
 * @throws RocError ROC_POLICY_INVALID
 */
export async function loadPolicy(packageRoot: string, file: string | undefined): Promise<VulnsPolicy> {
  const path = file ?? join(packageRoot, 'policies', 'vulns.yaml');
  const policy = await readYaml(path, 'policy', policySchema);
  return policy;
}

export async function loadTable(packageRoot: string, name: VulnsPolicy['table']): Promise<TableDocument> {
  return readYaml(join(packageRoot, 'policies', TABLE_FILES[name]), 'table', tableSchema);
}

export async function loadAssets(file: string): Promise<Assets['assets']> {
  return (await readYaml(file, 'assets', assetsSchema)).assets;
}

/** A file of suppressions alone, as `roc vulns suppress` writes it. */
export async function loadSuppressions(file: string): Promise<VulnsPolicy['suppress']> {
  return (await readYaml(file, 'suppressions', suppressionsSchema)).suppress;
}

/** Reads YAML and parses it with a schema; errors name file and path. */
async function readYaml<S extends z.ZodType>(path: string, what: string, schema: S): Promise<z.output<S>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new RocError('ROC_NOT_FOUND', `${path} cannot be read`, { hint: 'Check the path.', cause });
  });
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new RocError('ROC_POLICY_INVALID', `${path}: ${problem.message.split('\n')[0]}`, {
      hint: 'Correct the YAML at that line.',
      cause: problem,
    });
  return parseWith(schema, document.toJS({ maxAliasCount: 20 }), {
    what,
    file: path,
    code: 'ROC_POLICY_INVALID',
  });
}

/**
 * A suppression may not outlive the policy's limit, nor be made for later: a row of them would never end. Two may not
 * share an id.
 */
export function checkSuppressions(
  files: readonly { readonly path: string; readonly suppress: VulnsPolicy['suppress'] }[],
  maxDays: number,
  now: number,
): void {
  const seen = new Set<string>();
  for (const { path, suppress } of files)
    for (const { id, created, expires } of suppress) {
      const days = Math.ceil((Date.parse(expires) - Date.parse(created)) / DAY);
      if (Date.parse(created) > now + DAY)
        throw new RocError('ROC_POLICY_INVALID', `${path}: suppression ${id} begins on ${created}`, {
          hint: 'A suppression counts from the day it is made; add it when its time has come.',
        });
      if (days > maxDays)
        throw new RocError('ROC_POLICY_INVALID', `${path}: suppression ${id} lasts ${days} days`, {
          hint: `At most ${maxDays} days are allowed (limits.maxSuppressDays); give it an earlier end and renew it.`,
        });
      if (seen.has(id))
        throw new RocError('ROC_POLICY_INVALID', `${path}: two suppressions are named ${id}`, {
          hint: 'Give each its own id.',
        });
      seen.add(id);
    }
}
