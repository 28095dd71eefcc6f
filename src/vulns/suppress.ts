/** roc vulns suppress: adds one statement with reason, author and end to a file of suppressions. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import { parseWith } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { DAY } from '../kernel/time.js';
import { type Match, type Suppression, suppressionSchema, suppressionsSchema } from './policy.js';

export interface SuppressRequest {
  readonly file: string;
  readonly match: Readonly<Record<string, string | undefined>>;
  readonly status: string;
  readonly justification?: string | undefined;
  readonly reason: string;
  readonly by: string;
  readonly days: number;
  readonly allowKev: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** @throws RocError ROC_INVALID_INPUT, ROC_POLICY_INVALID */
export async function suppress(request: SuppressRequest): Promise<Suppression> {
  const known = existsSync(request.file) ? await readSuppressions(request.file) : [];
  const match = Object.fromEntries(
    Object.entries(request.match).filter(([, value]) => value !== undefined),
  ) as Match;
  const suppression = parseWith(
    suppressionSchema,
    {
      id: nextId(known),
      match,
      status: request.status,
      justification: request.justification,
      reason: request.reason,
      by: request.by,
      created: isoSecond(request.now),
      expires: isoSecond(request.now + request.days * DAY),
      allowKev: request.allowKev,
    },
    { what: 'suppression', code: 'ROC_INVALID_INPUT' },
  );
  const text = stringify({ version: 1, suppress: [...known, suppression] }, { lineWidth: 0 });
  await mkdir(dirname(request.file), { recursive: true });
  await writeFile(`${request.file}.tmp`, text);
  await rename(`${request.file}.tmp`, request.file);
  return suppression;
}

async function readSuppressions(file: string): Promise<readonly Suppression[]> {
  const document = parseDocument(await readFile(file, 'utf8'), { uniqueKeys: true });
  const [problem] = document.errors;
  if (problem !== undefined)
    throw new RocError('ROC_POLICY_INVALID', `${file}: ${problem.message.split('\n')[0]}`, {
      hint: 'Correct the YAML at that line.',
    });
  return parseWith(suppressionsSchema, document.toJS({ maxAliasCount: 20 }), {
    what: 'suppressions',
    file,
    code: 'ROC_POLICY_INVALID',
  }).suppress;
}

function nextId(known: readonly Suppression[]): string {
  const numbers = known.map(({ id }) => Number(/^S-(\d+)$/.exec(id)?.[1] ?? 0));
  return `S-${Math.max(0, ...numbers) + 1}`;
}

function isoSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
