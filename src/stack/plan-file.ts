/** The saved plan: a file that only its owner reads, sealed by a digest, good for a day. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { RocError } from '../kernel/errors.js';
import type { PendingChangeSet, Plan } from './plan-model.js';

const FORMAT = 1;

/** A plan that has something to apply. */
export type SavedPlan = Plan & { readonly pending: PendingChangeSet };

/** Writes it whole or not at all, readable by its owner alone. */
export function writePlan(file: string, plan: SavedPlan): void {
  // What JSON drops (undefined) must not be part of the digest either.
  const content = JSON.parse(JSON.stringify({ format: FORMAT, plan })) as object;
  const text = JSON.stringify({ ...content, sha256: canonicalSha256(content) }, null, 2);
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, `${text}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, file);
  } catch (cause) {
    throw new RocError('ROC_USAGE', `the plan cannot be written to ${file}`, {
      hint: 'Check that the folder exists and may be written to.',
      cause,
    });
  }
}

/**
 * Reads a saved plan.
 * @throws RocError ROC_USAGE when there is none, ROC_PRECONDITION_FAILED when it was changed or is too old
 */
export function readPlan(file: string, now: number): SavedPlan {
  const { format, plan, sha256 } = parsed(file);
  if (format !== FORMAT) throw unusable(`${file} is no plan of this version of roc`);
  if (canonicalSha256({ format, plan }) !== sha256)
    throw unusable(`${file} is not as roc wrote it: its digest does not fit`);
  const saved = plan as SavedPlan;
  if (Date.parse(saved.pending.expiresAt) <= now)
    throw unusable(`the plan in ${file} expired at ${saved.pending.expiresAt}`);
  return saved;
}

function parsed(file: string): { format?: unknown; plan?: unknown; sha256?: unknown } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new RocError('ROC_USAGE', `there is no plan at ${file}`, {
      hint: `Make one: roc provision plan --out ${file}`,
      cause,
    });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw unusable(`${file} holds no plan`);
}

/** A plan that may not be applied: exit 4. */
export function unusable(why: string): RocError {
  return new RocError('ROC_PRECONDITION_FAILED', `${why}; nothing was changed`, {
    hint: 'Plan again: roc provision plan --out FILE, look at it, and apply that.',
  });
}
