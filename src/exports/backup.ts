/** `import … from 'roc/backup'`: proof that backups restore, as `roc backup` gives it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Backups, type BackupsOptions, createBackups as create } from '../backup/library.js';

/** Where the shipped policy is: this package's own folder. */
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Backups of one account and region, by a policy.
 * @example const { verdict } = await (await createBackups({ region, policyFile, caFile, openTunnel })).verify();
 * @throws RocError ROC_POLICY_INVALID, ROC_NOT_FOUND
 */
export function createBackups(options: Omit<BackupsOptions, 'packageRoot' | 'version'>): Promise<Backups> {
  const { version } = JSON.parse(readFileSync(`${packageRoot}/package.json`, 'utf8')) as { version: string };
  return create({ ...options, packageRoot, version });
}

export type {
  AssetState,
  BackupList,
  DrillPlan,
  ListedPoint,
  RestoreResult,
  SweptThing,
  VerifyResult,
} from '../backup/answers.js';
export type { Backups, BackupsOptions, VerifyOptions } from '../backup/library.js';
export type { CheckResult, Verdict } from '../backup/results.js';
export { RocError } from '../kernel/errors.js';
export type { OpenTunnel, Tunnel } from '../kernel/tunnel.js';
