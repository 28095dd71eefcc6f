/** One driver a run: a lock in the bucket where there is one, else a file; it lapses when nobody renews it. */
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { RocError } from '../../kernel/errors.js';
import { makeFolderSync } from '../../kernel/make-folder.js';
import { isAlive, processPlace } from '../../kernel/process-place.js';
import type { Clock } from '../../kernel/time.js';
import { MINUTE } from '../../kernel/time.js';
import type { Objects } from '../cloud.js';

/** Unrenewed for so long, a lock holds nobody any more. */
const LAPSE = 5 * MINUTE;

export interface Lock {
  /** @throws RocError ROC_CONFLICT where another has taken it over */
  renew(): Promise<void>;
  release(): Promise<void>;
}

export interface Holder {
  /** Where its number means something: a host, or a container on it. */
  readonly host: string;
  readonly pid: number;
  /** Who holds it, among the processes of a host and over restarts. */
  readonly nonce: string;
  /** Epoch milliseconds. */
  readonly renewedAt: number;
}

/** Where one lock is kept: a text that is only replaced by whoever knows what it was. */
export interface LockPlace {
  read(): Promise<{ text: string; version: string } | null>;
  /** Null where it is not (any more) as `former` says. */
  write(text: string, former: string | null): Promise<string | null>;
  remove(): Promise<void>;
}

/** @throws RocError ROC_CONFLICT naming who holds it */
export async function takeLock(place: LockPlace, run: string, now: Clock, nonce: string): Promise<Lock> {
  const mine = () =>
    JSON.stringify({ host: processPlace(), pid: process.pid, nonce, renewedAt: now() } satisfies Holder);
  const found = await place.read();
  if (found !== null && isHeld(found.text, now())) throw held(run, found.text);
  // A write whose answer was lost is refused when it is tried again, because it has been done.
  const written = async (former: string | null): Promise<string> => {
    const version = await place.write(mine(), former);
    if (version !== null) return version;
    const there = await place.read();
    if (there !== null && holderOf(there.text)?.nonce === nonce) return there.version;
    throw held(run, there?.text ?? '');
  };
  let version = await written(found?.version ?? null);
  return {
    async renew() {
      version = await written(version);
    },
    async release() {
      const current = await place.read();
      if (holderOf(current?.text ?? '')?.nonce === nonce) await place.remove();
    },
  };
}

/** Whether somebody drives the run now. */
export async function isLocked(place: LockPlace, now: number): Promise<boolean> {
  const found = await place.read();
  return found !== null && isHeld(found.text, now);
}

export function fileLock(file: string): LockPlace {
  const read = () => (existsSync(file) ? readFileSync(file, 'utf8') : null);
  return {
    async read() {
      const text = read();
      return text === null ? null : { text, version: text };
    },
    async write(text, former) {
      makeFolderSync(dirname(file), 0o700);
      const fresh = `${file}.${process.pid}`;
      writeFileSync(fresh, text, { mode: 0o600 });
      try {
        if (former === null) {
          // A link is made only where nothing has the name.
          linkSync(fresh, file);
          return text;
        }
        if (read() !== former) return null;
        renameSync(fresh, file);
        return text;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
        throw error;
      } finally {
        rmSync(fresh, { force: true });
      }
    },
    async remove() {
      rmSync(file, { force: true });
    },
  };
}

export function bucketLock(objects: Objects, run: string): LockPlace {
  const key = `locks/${run}.json`;
  return {
    async read() {
      const found = await objects.read(key);
      return found === null ? null : { text: found.text, version: found.etag };
    },
    write: (text, former) => objects.write(key, text, former === null ? 'absent' : { etag: former }),
    remove: () => objects.remove(key),
  };
}

function isHeld(text: string, now: number): boolean {
  const holder = holderOf(text);
  if (holder === null || now - holder.renewedAt > LAPSE) return false;
  return holder.host !== processPlace() || isAlive(holder.pid);
}

function holderOf(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    return typeof value.host === 'string' &&
      typeof value.renewedAt === 'number' &&
      typeof value.pid === 'number'
      ? (value as Holder)
      : null;
  } catch {
    return null;
  }
}

function held(run: string, text: string): RocError {
  const holder = holderOf(text);
  const who = holder === null ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new RocError('ROC_CONFLICT', `run ${run} is being driven by ${who}`, {
    hint: `Let it end; a driver that died is passed over ${LAPSE / MINUTE} minutes after its last sign.`,
  });
}
