/** A lock between roc processes of one user: a file made exclusively, taken over when its holder has gone. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RocError } from '../kernel/errors.js';
import { makeFolder } from '../kernel/make-folder.js';
import { isAlive, processPlace } from '../kernel/process-place.js';

export interface FileLockOptions {
  /** A lock older than this is taken over; the work under the lock must be shorter. */
  readonly staleMs: number;
  /** How long to wait for another holder. */
  readonly waitMs: number;
}

const POLL_MS = 25;

/**
 * Runs `work` while no other process does so under the same path.
 * @throws RocError ROC_TIMEOUT when the holder does not let go in time
 */
export async function withFileLock<T>(
  path: string,
  options: FileLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  await makeFolder(dirname(path), 0o700).catch((cause: unknown) => {
    throw unlockable(path, cause);
  });
  const mark = `${process.pid} ${randomUUID()} ${processPlace()}\n`;
  const end = performance.now() + options.waitMs;
  while (!(await tryLock(path, mark))) {
    await takeAwayStale(path, options.staleMs);
    if (performance.now() > end) {
      throw new RocError('ROC_TIMEOUT', `another roc holds ${path} for too long`, {
        hint: 'Try again; if no other roc runs, remove that file.',
      });
    }
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await release(path, mark);
  }
}

async function tryLock(path: string, mark: string): Promise<boolean> {
  try {
    await writeFile(path, mark, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw unlockable(path, error);
  }
}

// Of two that find the same stale lock the slower one may rename away the faster one's new lock: it looks at
// what it took and puts a living lock back.
async function takeAwayStale(path: string, staleMs: number): Promise<void> {
  const seen = await describeLock(path);
  if (seen === null || !isStale(seen, staleMs)) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    const taken = await readFile(aside, 'utf8');
    if (taken !== seen.mark) await link(aside, path);
  } catch {
    // Somebody else was faster; the next round looks again.
  } finally {
    await rm(aside, { force: true });
  }
}

interface LockFacts {
  readonly mark: string;
  readonly ageMs: number;
}

async function describeLock(path: string): Promise<LockFacts | null> {
  try {
    const [mark, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { mark, ageMs: Date.now() - mtimeMs };
  } catch {
    return null;
  }
}

// A pid says something only in its own place (home folders are shared over networks and between containers), and an empty mark is a
// holder between making and writing its file: for both only age tells.
function isStale({ mark, ageMs }: LockFacts, staleMs: number): boolean {
  if (ageMs > staleMs) return true;
  const [, pid, place] = /^(\d+) \S+ (.+)$/.exec(mark.trim()) ?? [];
  return place === processPlace() && Number(pid) > 0 && !isAlive(Number(pid));
}

async function release(path: string, mark: string): Promise<void> {
  const held = await readFile(path, 'utf8').catch(() => null);
  if (held === mark) await rm(path, { force: true });
}

function unlockable(path: string, cause: unknown): RocError {
  return new RocError('ROC_CONFIG_INVALID', `${dirname(path)} cannot be written`, {
    hint: 'Check its owner and permissions, or set XDG_CONFIG_HOME to a folder that can be written.',
    cause,
  });
}
