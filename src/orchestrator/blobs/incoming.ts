/** Files that are being written: their names tell who writes them, so that a crash's leftovers can be swept. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../kernel/process-place.js';
import { DAY } from '../../kernel/time.js';

/** Other hosts may share the folder: their files go only when nobody can still be writing them. */
const FOREIGN_AGE = DAY;

export function incomingName(random: string): string {
  return `${hostTag()}.${process.pid}.${random}`;
}

/** Removes what dead processes of this host, or anyone long ago, left in the folder. */
export function sweepIncoming(folder: string, now: number = Date.now()): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined && isLeftover(name, stats.mtimeMs, now))
      rmSync(path, { recursive: true, force: true });
  }
}

function isLeftover(name: string, modifiedAt: number, now: number): boolean {
  if (now - modifiedAt > FOREIGN_AGE) return true;
  const [host, pid] = name.split('.');
  if (host !== hostTag()) return false;
  // In a container the dead process had the same number as this one, but it wrote before this one began.
  if (Number(pid) === process.pid) return modifiedAt < now - process.uptime() * 1000;
  return !isAlive(Number(pid));
}

function hostTag(): string {
  return hostname().replace(/[^a-zA-Z0-9-]/g, '-');
}
