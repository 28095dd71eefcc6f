/** roc vulns suppress: adds one statement with reason, author and end to a file of suppressions. */
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Document, parseDocument } from 'yaml';
import { parseWith } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';
import { DAY } from '../kernel/time.js';
import { loadPolicy, loadSuppressions } from './load-policy.js';
import { type Match, type Suppression, suppressionSchema } from './policy.js';
import type { SuppressRequest } from './suppress-request.js';

/** @throws RocError ROC_INVALID_INPUT, ROC_POLICY_INVALID */
export async function suppress(request: SuppressRequest): Promise<Suppression> {
  const { limits } = await loadPolicy(request.packageRoot, request.policy);
  if (request.days > limits.maxSuppressDays)
    throw new RocError('ROC_INVALID_INPUT', `--days ${request.days} is longer than the policy allows`, {
      hint: `At most ${limits.maxSuppressDays} days (limits.maxSuppressDays); renew it when they are over.`,
    });
  const known = existsSync(request.file) ? await loadSuppressions(request.file) : [];
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
  await append(request.file, suppression);
  return suppression;
}

/** Adds to the document as it stands, so that comments and order stay. */
async function append(file: string, suppression: Suppression): Promise<void> {
  const document = existsSync(file)
    ? parseDocument(await readFile(file, 'utf8'))
    : new Document({ version: 1, suppress: [] });
  document.addIn(['suppress'], document.createNode(suppression));
  await makeFolder(dirname(file));
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, document.toString({ lineWidth: 0 }));
  await rename(temporary, file);
}

function nextId(known: readonly Suppression[]): string {
  const numbers = known.map(({ id }) => Number(/^S-(\d+)$/.exec(id)?.[1] ?? 0));
  return `S-${Math.max(0, ...numbers) + 1}`;
}

function isoSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
