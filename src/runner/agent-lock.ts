/** One state folder has one agent: a file made exclusively, taken over when the process that made it is gone. */
import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { RocError } from '../kernel/errors.js';
import { isAlive } from '../kernel/process-place.js';
import { processStartMark } from './process-table.js';

/**
 * Takes the lock for this process.
 * @returns how to let go of it
 * @throws RocError ROC_CONFLICT where another agent holds it
 */
export function lockAgent(path: string): () => void {
  const mark = JSON.stringify({ pid: process.pid, started: processStartMark(process.pid), id: randomUUID() });
  if (!make(path, mark)) {
    takeAwayDead(path);
    if (!make(path, mark)) throw inUse(path, read(path));
  }
  return () => {
    if (read(path) === mark) rmSync(path, { force: true });
  };
}

// Linked rather than made in place, so that nobody ever reads a lock that is not written yet.
function make(path: string, mark: string): boolean {
  const temporary = `${path}.${randomUUID()}`;
  try {
    writeFileSync(temporary, mark, { flag: 'wx', mode: 0o600 });
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

// Of two that find the same dead lock the slower one may rename away the faster one's new lock: it looks at what
// it took, and puts a living one back.
function takeAwayDead(path: string): void {
  const seen = read(path);
  if (seen === null || isHeld(seen)) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    if (read(aside) !== seen) linkSync(aside, path);
  } catch {
    // Somebody else was faster.
  } finally {
    rmSync(aside, { force: true });
  }
}

function isHeld(mark: string): boolean {
  const { pid, started } = parse(mark);
  if (pid === null) return false;
  // The same number may be another process by now, also this very one in a container that was started anew.
  if (started !== null) return processStartMark(pid) === started;
  return pid !== process.pid && isAlive(pid);
}

function parse(mark: string): { pid: number | null; started: string | null } {
  try {
    const { pid, started } = JSON.parse(mark) as { pid?: unknown; started?: unknown };
    return {
      pid: typeof pid === 'number' && pid > 0 ? pid : null,
      started: typeof started === 'string' ? started : null,
    };
  } catch {
    return { pid: null, started: null };
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function inUse(path: string, mark: string | null): RocError {
  const { pid } = parse(mark ?? '');
  return new RocError(
    'ROC_CONFLICT',
    `another runner uses this state folder${pid === null ? '' : ` (pid ${pid})`}`,
    {
      hint: `Stop it, or give this one another --state-dir; the lock is ${path}.`,
    },
  );
}
