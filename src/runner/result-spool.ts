/** Results on disk before they are sent, so that neither a dead agent nor a dead server loses one. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { JobRef } from './job-control.js';
import type { Completion } from './outcome.js';
import { readPrivateFile, writePrivateFile } from './private-files.js';
import type { StateDir } from './state-dir.js';

export interface SpooledResult extends JobRef {
  /** Makes sending it twice harmless. */
  readonly resultId: string;
  readonly completion: Completion;
}

const LOG = '.log';
const RESULT = '.json';

const resultSchema = z.object({
  jobId: z.string(),
  epoch: z.number().int(),
  resultId: z.string(),
  completion: z.object({
    outcome: z.enum(['succeeded', 'failed', 'timed_out', 'canceled']),
    output: z.unknown().optional(),
    error: z
      .object({
        kind: z.enum(['robot', 'timeout', 'canceled', 'lost', 'package', 'assets', 'runner']),
        message: z.string(),
        exitCode: z.number().nullable(),
      })
      .nullable(),
  }),
});

/** Where the lines of an attempt wait for the server. */
export function logPath(state: StateDir, ref: JobRef): string {
  return join(state.spool, `${ref.jobId}.${ref.epoch}${LOG}`);
}

/** On disk when it returns. @throws RocError ROC_DATA_DIR_UNUSABLE */
export function spoolResult(state: StateDir, result: SpooledResult): void {
  writePrivateFile(resultPath(state, result), JSON.stringify(result));
}

export async function forgetResult(state: StateDir, ref: JobRef): Promise<void> {
  await rm(resultPath(state, ref), { force: true });
}

/**
 * The results that an agent before this one could not deliver; logs without a result are removed. A result that cannot
 * be read just now stays where it is, for the next agent.
 */
export async function spooledResults(state: StateDir): Promise<SpooledResult[]> {
  const names = await readdir(state.spool);
  const results: SpooledResult[] = [];
  const kept = new Set<string>();
  for (const name of names.filter((one) => one.endsWith(RESULT))) {
    const path = join(state.spool, name);
    const content = contentOf(path);
    const result = content === null ? null : parseResult(content);
    if (result !== null) results.push(result);
    if (content === null || result !== null) {
      kept.add(path);
      kept.add(`${path.slice(0, -RESULT.length)}${LOG}`);
    }
  }
  for (const name of names) {
    const path = join(state.spool, name);
    if (!kept.has(path)) await rm(path, { force: true });
  }
  return results;
}

/** Null where it cannot be read: a fault of the disk, or of its permissions, which may be mended. */
function contentOf(path: string): string | null {
  try {
    return readPrivateFile(path);
  } catch {
    return null;
  }
}

/** Null for half of a file that a dying agent left: its job is lost, which the server finds by the lease. */
function parseResult(content: string): SpooledResult | null {
  try {
    const result = resultSchema.parse(JSON.parse(content));
    const { outcome, output, error } = result.completion;
    return { ...result, completion: { outcome, error, ...(output === undefined ? {} : { output }) } };
  } catch {
    return null;
  }
}

function resultPath(state: StateDir, ref: JobRef): string {
  return join(state.spool, `${ref.jobId}.${ref.epoch}${RESULT}`);
}
