/** The folders of one attempt: made fresh, named by ids alone, removed when it is over. */
import { mkdir, writeFile } from 'node:fs/promises';
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

/** Makes them, 0700, with the input in its file. What a killed agent left under the same ids goes first. */
export async function makeAttemptDir(
  state: StateDir,
  ref: { readonly jobId: string; readonly epoch: number },
  inputJson: string,
): Promise<AttemptDir> {
  const root = join(state.work, `${ref.jobId}.${ref.epoch}`);
  const dir = {
    root,
    package: join(root, 'package'),
    home: join(root, 'home'),
    temp: join(root, 'tmp'),
    scratch: join(root, 'work'),
    inputFile: join(root, 'input.json'),
    outputFile: join(root, 'output.json'),
  };
  await wipeDir(root);
  await mkdir(root, { mode: 0o700 });
  await Promise.all([
    ...[dir.home, dir.temp, dir.scratch].map((path) => mkdir(path, { mode: 0o700 })),
    writeFile(dir.inputFile, inputJson, { mode: 0o600, flag: 'wx' }),
  ]);
  return dir;
}
