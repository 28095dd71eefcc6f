/** Vitest's global set-up: one temporary folder for the whole run; at its end nothing of it is left, nor any process. */
import { readdirSync, readFileSync } from 'node:fs';

import { makeTempDir, removeDir } from './temp-dir.js';

export default function setup(): (() => void) | undefined {
  if (process.env['ROC_TEST_RUN_DIR']) return;
  const before = process.env['TMPDIR'];
  const dir = makeTempDir('run');
  process.env['TMPDIR'] = dir;
  process.env['ROC_TEST_RUN_DIR'] = dir;
  return () => {
    for (const { pid, command } of leftBehind(dir)) {
      process.stderr.write(`left behind by a test and ended: ${command} (${pid})\n`);
      endProcess(pid);
    }
    removeDir(dir);
    delete process.env['ROC_TEST_RUN_DIR'];
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  };
}

// What tests start inherits TMPDIR, by which it is known even after its parent is gone. Only Linux tells.
function leftBehind(dir: string): { pid: number; command: string }[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      const environment = readOr(`/proc/${name}/environ`);
      if (!environment.split('\0').includes(`TMPDIR=${dir}`)) return [];
      if (Number(readOr(`/proc/${name}/stat`).split(') ')[1]?.split(' ')[1]) === process.pid) return [];
      return [
        { pid: Number(name), command: readOr(`/proc/${name}/cmdline`).split('\0').join(' ').slice(0, 120) },
      ];
    });
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
