/** The folders of one attempt: made fresh, named by ids alone, removed when it is over. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateDir } from './state-dir.js';
import { wipeDir } from './wipe-dir.js';

export interface AttemptDir {
  readonly root: string;
  /** The unpacked robot and its working directory; not made here, unpacking makes it. */
  readonly package: string;
  readonly home: string;
  readonly temp: string;
  /** Room for files of the robot's own, `ROC_WORK_DIR`. */
  readonly scratch: string;
  readonly inputFile: string;
  readonly outputFile: string;
}

/** Where they are. */
export function attemptDirOf(
  state: StateDir,
  ref: { readonly jobId: string; readonly epoch: number },
): AttemptDir {
  const root = join(state.work, `${ref.jobId}.${ref.epoch}`);
  return {
    root,
    package: join(root, 'package'),
    home: join(root, 'home'),
    temp: join(root, 'tmp'),
    scratch: join(root, 'work'),
    inputFile: join(root, 'input.json'),
    outputFile: join(root, 'output.json'),
  };
}

/** Makes them, 0700, with the input in its file. What a killed agent left under the same ids goes first. */
export async function makeAttemptDir(dir: AttemptDir, inputJson: string): Promise<void> {
  if (existsSync(dir.root)) await wipeDir(dir.root);
  // A handful of folders is made sooner than the thread pool is asked to: a job waits for this.
  for (const path of [dir.root, dir.home, dir.temp, dir.scratch]) mkdirSync(path, { mode: 0o700 });
  writeFileSync(dir.inputFile, inputJson, { mode: 0o600, flag: 'wx' });
}
