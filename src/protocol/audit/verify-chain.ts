/** Verifies a tenant's audit chain against its signed checkpoints: pure, streaming, for server, auditor and restored copies. */
import { MINUTE } from '../../kernel/time.js';
import { type AuditEvent, type ChainedEvent, chainHash, GENESIS } from './chain.js';
import { type AuditKeys, type Checkpoint, checkpointDigest, isSigned } from './checkpoint.js';

export interface ChainToVerify {
  readonly tenant: string;
  /** In the order in which they are stored; `columns` are copies beside the body that must agree with it. */
  readonly events: AsyncIterable<StoredEvent>;
  /** Those that the server keeps, in any order. */
  readonly checkpoints: readonly Checkpoint[];
  /** Those that the auditor took away earlier. */
  readonly held?: readonly Checkpoint[];
  readonly keys: AuditKeys;
  /** Epoch milliseconds: when the events were read; asked when all have been. */
  readonly now: () => number;
}

export interface StoredEvent extends ChainedEvent {
  readonly columns?: {
    readonly action: string;
    readonly actor: string | null;
    readonly target?: string | null;
    readonly at: number;
  };
}

export interface FirstBad {
  /** The event, or the one that is missing. Null where a checkpoint alone is wrong. */
  readonly seq: number | null;
  readonly reason: string;
}

export interface ChainVerdict {
  readonly verdict: 'pass' | 'fail';
  /** How many were read. */
  readonly events: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly lastHash: string | null;
  readonly checkpoints: number;
  readonly lastCheckpointAt: string | null;
  readonly firstBad: FirstBad | null;
  /** What is no proof of a fault, but an auditor should ask about. */
  readonly notes: readonly string[];
}

/** So much of a chain's end could be cut without a signed word against it. */
export const CHECKPOINT_EVERY_MS = 15 * MINUTE;

/** A checkpoint may come so much later than its interval. */
const GRACE_MS = 5 * MINUTE;

export async function verifyChain(chain: ChainToVerify): Promise<ChainVerdict> {
  const known = joinCheckpoints(chain);
  const walk = startWalk(chain.tenant, known.checkpoints);
  if (known.bad === null) for await (const event of chain.events) if (!walk.add(event)) break;
  const newest = known.checkpoints.at(-1) ?? null;
  const firstBad = known.bad ?? walk.bad() ?? walk.missing() ?? staleness(chain, newest, walk.firstAt());
  const last = walk.last();
  return {
    verdict: firstBad === null ? 'pass' : 'fail',
    events: walk.count(),
    firstSeq: walk.firstSeq(),
    lastSeq: last?.seq ?? null,
    lastHash: last?.hash ?? null,
    checkpoints: known.checkpoints.length,
    lastCheckpointAt: newest?.at ?? null,
    firstBad,
    notes: gaps(known.checkpoints),
  };
}

interface Joined {
  /** By number. */
  readonly checkpoints: readonly Checkpoint[];
  readonly bad: FirstBad | null;
}

/** The server's and the auditor's, each signed, linked to the one before it, and no two of one number. */
function joinCheckpoints({ tenant, checkpoints, held = [], keys }: ChainToVerify): Joined {
  const byNumber = new Map<number, Checkpoint>();
  const bad = (reason: string): Joined => ({ checkpoints: [], bad: { seq: null, reason } });
  for (const one of [...checkpoints, ...held]) {
    const name = `checkpoint ${one.number} (event ${one.seq}, ${one.at})`;
    if (one.tenant !== tenant) return bad(`${name} is of another tenant`);
    if (!isSigned(one, keys)) return bad(`${name} is not signed by a known key`);
    const other = byNumber.get(one.number);
    if (other !== undefined && checkpointDigest(other) !== checkpointDigest(one))
      return bad(`there are two signed checkpoints ${one.number}: the chain was cut and grown again`);
    byNumber.set(one.number, one);
  }
  const sorted = [...byNumber.values()].sort((a, b) => a.number - b.number);
  for (const [at, one] of sorted.entries()) {
    const before = sorted[at - 1];
    if (before === undefined) continue;
    if (one.number === before.number + 1 && one.previous !== checkpointDigest(before))
      return bad(`checkpoint ${one.number} does not follow checkpoint ${before.number}`);
    if (one.seq < before.seq)
      return bad(`checkpoint ${one.number} covers fewer events than checkpoint ${before.number}`);
  }
  return { checkpoints: sorted, bad: null };
}

interface Walk {
  /** False: it is bad, and nothing after it counts. */
  add(event: StoredEvent): boolean;
  bad(): FirstBad | null;
  /** Events that a checkpoint covers and that are not there. */
  missing(): FirstBad | null;
  count(): number;
  firstSeq(): number | null;
  /** Epoch milliseconds of the first event. */
  firstAt(): number | null;
  last(): { readonly seq: number; readonly hash: string } | null;
}

function startWalk(tenant: string, checkpoints: readonly Checkpoint[]): Walk {
  const anchors = new Map(checkpoints.map(({ seq, hash }) => [seq, hash]));
  let [first, purgedThrough, count]: [number | null, number, number] = [null, 0, 0];
  let last = null as { seq: number; hash: string } | null;
  let firstAt: number | null = null;
  let bad: FirstBad | null = null;
  const judge = (event: StoredEvent): string | null => {
    const expected: number = last === null ? event.seq : last.seq + 1;
    if (event.seq !== expected) return event.seq > expected ? 'it is missing' : 'it is out of order';
    const previous = last?.hash ?? startOf(event.seq, anchors);
    if (previous === null) return CUT_BEFORE;
    if (chainHash(previous, event.body) !== event.hash) return 'it, or what lay before it, was changed';
    const anchor = anchors.get(event.seq);
    if (anchor !== undefined && anchor !== event.hash) return 'it is not what a signed checkpoint covers';
    const read = readBody(event.body);
    if (read === null || read.seq !== event.seq || read.tenant !== tenant) return 'it belongs elsewhere';
    if (!agrees(event, read)) return 'a column beside it was changed';
    purgedThrough = Math.max(purgedThrough, purgeOf(read));
    firstAt ??= Date.parse(read.at);
    last = { seq: event.seq, hash: event.hash };
    return null;
  };
  return {
    add: (event) => {
      const expected = last === null ? event.seq : last.seq + 1;
      const reason = judge(event);
      const isCutBefore = last === null && event.seq > 1 && reason === CUT_BEFORE;
      if (reason !== null) bad = { seq: isCutBefore ? event.seq - 1 : Math.min(expected, event.seq), reason };
      else {
        first ??= event.seq;
        count++;
      }
      return reason === null;
    },
    bad: () => bad,
    missing: () => {
      const covered = checkpoints.at(-1)?.seq ?? 0;
      if (covered > (last?.seq ?? 0))
        return { seq: (last?.seq ?? 0) + 1, reason: 'it and all after it are missing' };
      if (first !== null && first > 1 && purgedThrough < first - 1)
        return {
          seq: 1,
          reason: `events 1 to ${first - 1} are missing, and no event says that retention removed them`,
        };
      return null;
    },
    count: () => count,
    firstSeq: () => first,
    firstAt: () => firstAt,
    last: () => last,
  };
}

const CUT_BEFORE = 'it is missing, and no checkpoint ends there';

/** The hash before the first event that is kept. */
function startOf(seq: number, anchors: ReadonlyMap<number, string>): string | null {
  return seq === 1 ? GENESIS : (anchors.get(seq - 1) ?? null);
}

function readBody(body: string): AuditEvent | null {
  try {
    return JSON.parse(body) as AuditEvent;
  } catch {
    return null;
  }
}

/** Whether the copies that are searched by say what the event says. */
export function agrees({ columns }: Pick<StoredEvent, 'columns'>, event: AuditEvent): boolean {
  if (columns === undefined) return true;
  const { action, actor, target, at } = columns;
  const isSame =
    action === event.action &&
    actor === event.actor.id &&
    (target === undefined || target === targetOf(event));
  return isSame && at === Date.parse(event.at);
}

/** What an event is found by under its target. */
export function targetOf({ target }: AuditEvent): string | null {
  return target?.id ?? target?.name ?? null;
}

/** The event of a retention run says up to which event it removed. */
function purgeOf({ action, actor, after }: AuditEvent): number {
  return action === 'audit.purge' && actor.kind === 'system' ? Number(after?.['through'] ?? 0) : 0;
}

function staleness({ now }: ChainToVerify, newest: Checkpoint | null, first: number | null): FirstBad | null {
  // A chain that has just begun has none yet.
  const provenAt = newest === null ? first : Date.parse(newest.at);
  if (provenAt === null)
    return { seq: 1, reason: 'there are no events and no checkpoints: all of it is gone' };
  const intervalMs = newest?.intervalMs ?? CHECKPOINT_EVERY_MS;
  const ageMs = now() - provenAt;
  if (Number.isNaN(ageMs) || ageMs <= intervalMs + GRACE_MS) return null;
  const due = `one is due every ${Math.round(intervalMs / MINUTE)} min`;
  if (newest === null)
    return { seq: 1, reason: `there is no signed checkpoint, ${due}: the newest events may be gone` };
  return {
    seq: newest.seq + 1,
    reason: `the newest checkpoint is ${Math.round(ageMs / MINUTE)} min old, ${due}: newer ones, and the events that they covered, may have been removed`,
  };
}

/** While a server is down it makes none; so would one whose newest were removed before it started again. */
function gaps(checkpoints: readonly Checkpoint[]): string[] {
  return checkpoints.flatMap((one, at) => {
    const before = checkpoints[at - 1];
    if (before === undefined) return [];
    if (one.number > before.number + 1)
      return [`no checkpoints ${before.number + 1} to ${one.number - 1}: who removed them?`];
    const ms = Date.parse(one.at) - Date.parse(before.at);
    return ms <= before.intervalMs + GRACE_MS
      ? []
      : [`no checkpoint between ${before.at} and ${one.at}: was the server down?`];
  });
}
