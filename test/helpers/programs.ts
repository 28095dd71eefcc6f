/** Where the other programs that tests and benchmarks use are on this host. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of a program on PATH (and in the system folders that PATH may lack), or null. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const file = join(folder, name);
    if (folder !== '' && isExecutable(file)) return file;
  }
  return null;
}

/** The browser that tests drive, or null. */
export function browserProgram(): string | null {
  const named = process.env['CHROMIUM_PATH'];
  if (named) return isExecutable(named) ? named : null;
  return isExecutable('/usr/bin/chromium') ? '/usr/bin/chromium' : null;
}

/** The folder of botocore's service models (`ssm/2014-11-06/service-2.json.gz`, …), or null. */
export function botocoreData(): string | null {
  botocoreFolder ??= { path: findBotocoreData() };
  return botocoreFolder.path;
}

let botocoreFolder: { path: string | null } | undefined;

function findBotocoreData(): string | null {
  const named = process.env['ROC_TEST_BOTOCORE_DATA'];
  if (named) return existsSync(join(named, 'endpoints.json')) ? named : null;
  if (findProgram('python3') === null) return null;
  try {
    const script = 'import importlib.util as u; print(u.find_spec("botocore").submodule_search_locations[0])';
    const folder = execFileSync('python3', ['-c', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
    const data = join(folder.trim(), 'data');
    return existsSync(data) ? data : null;
  } catch {
    return null;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
