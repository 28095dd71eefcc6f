/** `roc backup report`: evidence that was written before, shown again, verified, or rolled up for a period; all offline. */

import { writeFile } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import type { Config } from '../kernel/config.js';
import { readSection } from '../kernel/config.js';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';
import { type EvidenceFile, listEvidence } from './evidence/folder.js';
import { renderHtml } from './evidence/html.js';
import { renderMarkdown } from './evidence/markdown.js';
import { parsePeriod } from './evidence/period.js';
import { type Rollup, rollUp, type VerifiedReport } from './evidence/rollup.js';
import { rollupHtml, rollupMarkdown } from './evidence/rollup-pages.js';
import { readPublicKey, verifyEvidence } from './evidence/verify.js';
import { loadBackupPolicy } from './load-policy.js';
import type { Asset } from './model.js';
import { backupConfigSchema } from './settings.js';

/** Where evidence lies on this host. */
export function evidenceFolder(config: Config, cwd: string): string {
  const { dir } = readSection(config, 'backup', backupConfigSchema, {});
  const base = config.file === null ? cwd : dirname(config.file);
  return join(isAbsolute(dir) ? dir : resolve(base, dir), 'evidence');
}

/** @throws RocError ROC_NOT_FOUND */
export async function findReport(folder: string, run: string): Promise<EvidenceFile> {
  const found = (await listEvidence(folder)).find(({ evidence }) => evidence.report.run === run);
  if (found !== undefined) return found;
  throw new RocError('ROC_NOT_FOUND', `${folder} has no evidence of run ${run}`, {
    hint: 'Evidence is written at the end of a run; `roc backup resume` ends one that was interrupted.',
  });
}

export interface PeriodOptions {
  readonly config: Config;
  readonly cwd: string;
  /** The package's own folder. */
  readonly root: string;
  readonly period: string;
  /** The policy in force; its assets must be told of, tested or not. */
  readonly policy: string | undefined;
  /** File of the signer's public key. */
  readonly key: string | undefined;
  readonly now: number;
}

export async function rollUpPeriod(options: PeriodOptions): Promise<Rollup> {
  const { config, cwd } = options;
  const period = parsePeriod(options.period);
  const key = options.key === undefined ? null : await readPublicKey(resolve(cwd, options.key));
  const assets = await assetsInForce(options);
  const reports: VerifiedReport[] = [];
  for (const { file, sha256, evidence } of await listEvidence(evidenceFolder(config, cwd))) {
    const { verdict } = await verifyEvidence(file, key);
    reports.push({ number: evidence.chain.number, sha256, report: evidence.report, integrity: verdict });
  }
  return rollUp(reports, period, assets, options.now);
}

async function assetsInForce({ config, cwd, root, policy: flag }: PeriodOptions): Promise<readonly Asset[]> {
  const { policy } = readSection(config, 'backup', backupConfigSchema, {});
  const base = config.file === null ? cwd : dirname(config.file);
  const file = flag === undefined ? policy && resolve(base, policy) : resolve(cwd, flag);
  return (await loadBackupPolicy(root, file)).policy.assets;
}

const RENDERERS = {
  '.html': { report: renderHtml, rollup: rollupHtml },
  '.md': { report: renderMarkdown, rollup: rollupMarkdown },
  '.json': {
    report: (_evidence: unknown, _sha256: string, bytes: Buffer) => bytes.toString('utf8'),
    rollup: (rollup: Rollup) => `${JSON.stringify(rollup, null, 2)}\n`,
  },
};

/** Writes a report or a roll-up as the ending of the file's name says. @throws RocError ROC_USAGE */
export async function writeReport(file: string, what: EvidenceFile | Rollup): Promise<void> {
  const renderer = RENDERERS[extname(file) as keyof typeof RENDERERS];
  if (renderer === undefined)
    throw new RocError('ROC_USAGE', `"${file}" has no format`, {
      hint: 'End the name in .html, .md or .json.',
    });
  await makeFolder(dirname(file));
  const text =
    'evidence' in what ? renderer.report(what.evidence, what.sha256, what.bytes) : renderer.rollup(what);
  await writeFile(file, text);
}
