/** The runs whose journals are on this host. */
import { dirname, resolve } from 'node:path';
import { type Config, readSection } from '../kernel/config.js';
import { isRocError } from '../kernel/errors.js';
import type { Verdict } from './results.js';
import { readJournal } from './run/journal.js';
import { listRuns, runFolder } from './run/run-folder.js';
import { backupConfigSchema } from './settings.js';

export interface RunRow {
  readonly run: string;
  readonly asset: string;
  /** `damaged` where the journal cannot be followed. */
  readonly phase: string;
  readonly verdict: Verdict | null;
  readonly startedAt: string;
  readonly cleanup: string | null;
}

/** The runs of the folder that roc.yaml names; asks AWS nothing. */
export function listRunsHere(config: Config, cwd: string): { items: RunRow[]; dir: string } {
  const settings = readSection(config, 'backup', backupConfigSchema);
  const dir = resolve(config.file === null ? cwd : dirname(config.file), settings.dir);
  return { items: readRuns(dir), dir };
}

/** Oldest first. @param dir the room's folder */
export function readRuns(dir: string): RunRow[] {
  return listRuns(dir).flatMap((run): RunRow[] => {
    try {
      const { state } = readJournal(runFolder(dir, run).lines.read());
      if (state === null) return [];
      return [
        {
          run,
          asset: state.plan.asset.id,
          phase: state.phase,
          verdict: state.verdict,
          startedAt: new Date(state.startedAt).toISOString(),
          cleanup: state.cleanup?.verdict ?? null,
        },
      ];
    } catch (error) {
      if (!isRocError(error)) throw error;
      return [{ run, asset: '', phase: 'damaged', verdict: null, startedAt: '', cleanup: null }];
    }
  });
}
