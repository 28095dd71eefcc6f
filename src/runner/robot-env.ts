/** The environment of a robot: made from nothing, so that nothing of the runner's own gets into it. */
import type { AttemptDir } from './attempt-dir.js';
import { RUN_MARK } from './kill-tree.js';

type Env = Readonly<Record<string, string | undefined>>;

export interface RobotRun {
  readonly jobId: string;
  readonly attempt: number;
  /** Higher with each claim: what a robot writes to others may carry it, so that they refuse a stale one. */
  readonly epoch: number;
  /** Unique for this attempt, with the runner's own prefix. */
  readonly mark: string;
  /** Where it asks for its assets; null where it names none. */
  readonly assets: { readonly url: string; readonly token: string } | null;
}

/** What programs on Windows do not start or work without. */
const WINDOWS_NEEDS = [
  'SystemRoot',
  'SystemDrive',
  'windir',
  'ComSpec',
  'PATHEXT',
  'ProgramData',
  'ProgramFiles',
  'ProgramFiles(x86)',
  'CommonProgramFiles',
  'NUMBER_OF_PROCESSORS',
  'PROCESSOR_ARCHITECTURE',
  'OS',
];

/** Where a Unix without PATH looks. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

export function robotEnv(
  run: RobotRun,
  dir: AttemptDir,
  own: Env,
  platform: NodeJS.Platform = process.platform,
): Record<string, string> {
  const isWindows = platform === 'win32';
  const env: Record<string, string | undefined> = {
    ROC_JOB_ID: run.jobId,
    ROC_ATTEMPT: String(run.attempt),
    ROC_EPOCH: String(run.epoch),
    ROC_INPUT: dir.inputFile,
    ROC_OUTPUT: dir.outputFile,
    ROC_WORK_DIR: dir.scratch,
    ROC_ASSETS_URL: run.assets?.url,
    ROC_ASSETS_TOKEN: run.assets?.token,
    [RUN_MARK]: run.mark,
    PATH: pathOf(own) ?? (isWindows ? undefined : DEFAULT_PATH),
    HOME: dir.home,
    LANG: own['LANG'] ?? 'C.UTF-8',
    LC_ALL: own['LC_ALL'],
    TZ: own['TZ'],
    // Python keeps what it prints to a pipe until much has gathered: nobody could watch it live.
    PYTHONUNBUFFERED: '1',
    ...(isWindows ? windowsEnv(dir, own) : { TMPDIR: dir.temp }),
  };
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** The search path, whose name Windows writes `Path`. */
export function pathOf(env: Env): string | undefined {
  return env['PATH'] ?? env['Path'];
}

function windowsEnv(dir: AttemptDir, own: Env): Record<string, string | undefined> {
  return {
    ...Object.fromEntries(WINDOWS_NEEDS.map((name) => [name, own[name]])),
    USERPROFILE: dir.home,
    APPDATA: dir.home,
    LOCALAPPDATA: dir.home,
    TEMP: dir.temp,
    TMP: dir.temp,
  };
}
