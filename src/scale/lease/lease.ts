/** One of several controllers acts: a lease in an object that is only ever replaced by who has read its newest version. */
import { RocError } from '../../kernel/errors.js';
import type { Clock } from '../../kernel/time.js';
import { SECOND } from '../../kernel/time.js';
import { type LeaseRecord, readLeaseRecord } from './record.js';
import { WRITE_LIMIT } from './write-limit.js';

/** An object with versions; every answer says what time its server has. */
export interface LeaseObject {
  /** `content` is null where there is no object. */
  read(): Promise<{
    readonly content: string | null;
    readonly version: string | null;
    readonly modifiedAt: number | null;
    readonly serverNow: number;
  }>;
  /** Null where somebody else made it first. */
  create(content: string): Promise<{ readonly version: string } | null>;
  /** Null where it is no longer that version. */
  replace(content: string, version: string): Promise<{ readonly version: string } | null>;
}

export type Standing =
  | { readonly role: 'holder'; readonly record: LeaseRecord }
  | { readonly role: 'standby'; readonly holder: string; readonly record: LeaseRecord }
  /** Something is wrong with the clock or the object: look, and touch nothing. */
  | { readonly role: 'observer'; readonly why: string };

export interface LeaseOptions {
  readonly object: LeaseObject;
  /** Who asks; unique to this process. */
  readonly id: string;
  readonly ttlMs: number;
  readonly now: Clock;
  /** Milliseconds of a clock that nobody sets. */
  readonly elapsed: Clock;
}

export interface Lease {
  readonly id: string;
  /** Reads it, and takes or renews it where that is allowed. One reading for a standby, and one writing for a holder. */
  refresh(): Promise<Standing>;
  /** Only what stands in it; takes nothing. Null where there is none or it cannot be read. */
  look(): Promise<LeaseRecord | null>;
  /** Writes down what is half done or remembered. @throws RocError ROC_STALE_LEASE when it was lost */
  write(change: Partial<Pick<LeaseRecord, 'operation' | 'state' | 'restUntil'>>): Promise<LeaseRecord>;
  /** Milliseconds until somebody else may take it; 0 or less when it is not ours. */
  remaining(): number;
  /** @throws RocError ROC_STALE_LEASE unless `needMs` are left of it */
  guard(needMs: number): void;
  /** Lets go of it, so that another need not wait; what it holds stays. */
  release(): Promise<void>;
}

/** More than this between two clocks, and neither decides anything. */
const SKEW_LIMIT = 30 * SECOND;

/** With less than this left of it, it is renewed at the look: a change may follow. */
const ENOUGH = WRITE_LIMIT + 5 * SECOND;

const EMPTY = { fence: 1, turn: 0, operation: null, restUntil: 0, state: null } as const;

interface Held {
  readonly version: string;
  readonly record: LeaseRecord;
  /** Before the request that took or renewed it was sent: the server's own time of it is later. */
  readonly since: number;
  readonly wallSince: number;
}

export function createLease({ object, id, ttlMs, now, elapsed }: LeaseOptions): Lease {
  let held: Held | null = null;

  const put = async (next: LeaseRecord, version: string | null): Promise<Standing | null> => {
    const record = turned(next);
    const [since, wallSince] = [elapsed(), now()];
    const content = JSON.stringify(record);
    const made = version === null ? await object.create(content) : await object.replace(content, version);
    const kept = made ?? (await sameAsOurs(object, content));
    held = kept === null ? null : { version: kept.version, record, since, wallSince };
    if (held === null) return null;
    // Another may have taken it since; the next look will tell.
    return remaining() > 0
      ? { role: 'holder', record }
      : { role: 'observer', why: 'the answer to the lease came too late' };
  };

  const remaining = (): number => {
    if (held === null) return 0;
    const passed = elapsed() - held.since;
    // A machine that slept has a steady clock that did not see it.
    return ttlMs - Math.max(passed, now() - held.wallSince);
  };

  // The look will end in a write, which renews it; one write a look is enough.
  const stay = (record: LeaseRecord, version: string): Standing => {
    held = held && { ...held, version, record };
    return { role: 'holder', record };
  };

  /** Stays, renews, takes over or stands by. */
  const claim = async (record: LeaseRecord, version: string, ageMs: number): Promise<Standing> => {
    const isOurs = record.holder === id && held !== null && record.fence === held.record.fence;
    const isFree = record.holder === null || ageMs > record.ttlMs;
    if (!isOurs && !isFree) {
      held = null;
      return { role: 'standby', holder: record.holder ?? '', record };
    }
    if (isOurs && remaining() >= Math.max(ttlMs / 2, ENOUGH)) return stay(record, version);
    const fence = isOurs ? record.fence : record.fence + 1;
    const next = { ...record, holder: id, ttlMs, fence };
    return (await put(next, version)) ?? takenByAnother(next);
  };

  const letGo = async (): Promise<void> => {
    const mine = held;
    held = null;
    if (mine !== null)
      await object.replace(JSON.stringify(turned({ ...mine.record, holder: null })), mine.version);
  };

  return {
    id,
    remaining,
    release: letGo,
    guard(needMs) {
      if (remaining() >= needMs) return;
      throw new RocError('ROC_STALE_LEASE', 'the lease is no longer ours: nothing was changed', {
        hint: 'Another controller may act now; `roc scale watch` goes on by itself.',
      });
    },
    async look() {
      const { content } = await object.read();
      return content === null ? null : readLeaseRecord(content);
    },
    async write(change) {
      const mine = held;
      const standing = mine && (await put({ ...mine.record, ...change }, mine.version));
      if (standing?.role === 'holder') return standing.record;
      held = null;
      throw new RocError('ROC_STALE_LEASE', 'the lease was lost: another controller has taken it', {
        hint: 'It finishes or undoes what was begun; nothing is to be done.',
      });
    },
    async refresh() {
      const before = now();
      const { content, version, modifiedAt, serverNow } = await object.read();
      const skew = clockSkew(before, now(), serverNow);
      if (skew > SKEW_LIMIT) {
        await letGo();
        return { role: 'observer', why: `this clock is ${Math.round(skew / SECOND)} s off the server's` };
      }
      if (content === null || version === null) {
        const first = { version: 1 as const, holder: id, ttlMs, ...EMPTY };
        return (await put(first, null)) ?? takenByAnother(first);
      }
      const record = readLeaseRecord(content);
      if (record === null) {
        held = null;
        return { role: 'observer', why: 'the lease cannot be read: see what it holds, then remove it' };
      }
      return claim(record, version, serverNow - (modifiedAt ?? serverNow));
    },
  };
}

// The answer to a write may be lost and the SDK tries again: then the condition fails on our own words.
async function sameAsOurs(object: LeaseObject, content: string): Promise<{ version: string } | null> {
  const found = await object.read();
  return found.content === content && found.version !== null ? { version: found.version } : null;
}

// Under SSE-S3 an ETag is the MD5 of the content: the same words would be the same version.
function turned(record: LeaseRecord): LeaseRecord {
  return { ...record, turn: record.turn + 1 };
}

function takenByAnother(record: LeaseRecord): Standing {
  return { role: 'standby', holder: 'another', record: { ...record, holder: 'another' } };
}

/** How far the server's time lies outside of the time that the request took here. */
function clockSkew(sent: number, answered: number, server: number): number {
  return Math.max(sent - server - SECOND, server - answered, 0);
}
