/** Signs checkpoints: never over a chain that does not carry on from the one before. */
import type { Log } from '../../kernel/log.js';
import { isoTime, MINUTE } from '../../kernel/time.js';
import { chainHash, GENESIS } from '../../protocol/audit/chain.js';
import {
  type Checkpoint,
  checkpointDigest,
  isSigned,
  signCheckpointBy,
} from '../../protocol/audit/checkpoint.js';
import type { Blobs } from '../blobs/blobs.js';
import { insertCheckpoint, newestCheckpoint } from '../store/audit-checkpoints.js';
import { type AuditHead, listChains, readAuditHead, readChain } from '../store/audit-events.js';
import type { Store } from '../store/store.js';
import type { Audit } from './audit.js';
import type { AuditSecrets } from './audit-keys.js';
import { keepCheckpoint, recentCheckpoints } from './checkpoint-blobs.js';
import type { OwnCheckpoints } from './own-checkpoints.js';

export interface CheckpointParts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly audit: Audit;
  readonly secrets: AuditSecrets;
  readonly intervalMs: number;
  /** What this node keeps of them by itself. */
  readonly own: OwnCheckpoints;
  readonly log: Log;
}

export interface Checkpoints {
  /** Looks at every chain, and signs where a checkpoint is due. Any node may do it, also two at once. */
  round(): Promise<void>;
  /** Makes one now, due or not. Null where the chain has been tampered with: nothing is signed then. */
  make(tenantId: string): Promise<Checkpoint | null>;
  /** The newest that this node has seen. */
  own(tenantId: string): Checkpoint | null;
}

const ASKED_AGAIN_MS = MINUTE;

/** What this node knows that a chain once was; it may grow, and never shrink. */
interface Seen {
  readonly newest: Checkpoint | null;
  readonly head: AuditHead;
}

export function createCheckpoints(parts: CheckpointParts): Checkpoints {
  const seen = new Map<string, Seen>();
  const look = async (tenantId: string, isForced: boolean): Promise<Checkpoint | null> => {
    const now = await parts.store.now();
    const newest = await newestKept(parts, tenantId, now);
    const head = await readAuditHead(parts.store, tenantId);
    const fault =
      (await shrunk(parts, tenantId, seen.get(tenantId), newest, head)) ??
      (await broken(parts, tenantId, newest, head));
    if (fault !== null) {
      parts.log.error(
        { tenant: tenantId, fault },
        'the audit chain was tampered with; no checkpoint is signed',
      );
      return null;
    }
    seen.set(tenantId, { newest, head });
    const ageMs = newest === null ? Number.POSITIVE_INFINITY : now - Date.parse(newest.at);
    // Who asks again and again gets the same one, while nothing has happened.
    const isFresh = ageMs < ASKED_AGAIN_MS && newest?.seq === head.seq;
    if (isForced ? isFresh : ageMs < parts.intervalMs) return newest;
    const made = await signNext(parts, tenantId, newest, head, now);
    if (made !== null) seen.set(tenantId, { newest: made, head });
    return made ?? madeByAnother(parts, tenantId, (newest?.number ?? 0) + 1);
  };
  return {
    round: async () => {
      for (const tenantId of await listChains(parts.store)) await look(tenantId, false);
    },
    make: (tenantId) => look(tenantId, true),
    own: (tenantId) => parts.own.newest(tenantId),
  };
}

async function madeByAnother(
  { store, log }: CheckpointParts,
  tenantId: string,
  number: number,
): Promise<Checkpoint | null> {
  const newest = await newestCheckpoint(store, tenantId);
  if (newest !== null && newest.number >= number) return newest;
  log.error(
    { tenant: tenantId, number },
    'a row stands where the next audit checkpoint belongs; none is signed',
  );
  return null;
}

/** The newest that the database, the blob store or this node has: whoever hides it must reach all of them. */
async function newestKept(
  { store, blobs, own, secrets }: CheckpointParts,
  tenantId: string,
  now: number,
): Promise<Checkpoint | null> {
  const row = await newestCheckpoint(store, tenantId);
  const blob = (await recentCheckpoints(blobs, tenantId, now)).at(-1) ?? null;
  const known = [row, blob, own.newest(tenantId)].filter((one) => one !== null);
  const newest = known.sort((a, b) => b.number - a.number)[0] ?? null;
  if (newest !== null && isSigned(newest, secrets.publicKeys)) own.keep(newest);
  // A node that died between the two left only the row.
  if (newest !== null && blob?.number !== newest.number) await keepCheckpoint(blobs, newest);
  return newest;
}

async function shrunk(
  { store }: CheckpointParts,
  tenantId: string,
  seen: Seen | undefined,
  newest: Checkpoint | null,
  head: AuditHead,
): Promise<string | null> {
  if (seen === undefined) return null;
  if (head.seq < seen.head.seq) return `events after ${head.seq} are gone: there were ${seen.head.seq}`;
  if ((newest?.number ?? 0) < (seen.newest?.number ?? 0))
    return `checkpoint ${seen.newest?.number} is gone from the database and the blob store`;
  for await (const { hash } of readChain(store, tenantId, seen.head.seq - 1, seen.head.seq)) {
    if (hash !== seen.head.hash) return `event ${seen.head.seq} is not what it was`;
  }
  return null;
}

/** What came since the newest checkpoint must follow from it, event by event, each sealed by a node. */
async function broken(
  { store, audit, secrets }: CheckpointParts,
  tenantId: string,
  newest: Checkpoint | null,
  head: AuditHead,
): Promise<string | null> {
  if (newest !== null && !isSigned(newest, secrets.publicKeys))
    return `checkpoint ${newest.number} is not signed by this server`;
  if (newest !== null && head.seq < newest.seq)
    return `events after ${head.seq} are gone: a checkpoint covers ${newest.seq}`;
  let [seq, previous] = [newest?.seq ?? 0, newest?.hash ?? GENESIS];
  for await (const event of readChain(store, tenantId, seq, head.seq)) {
    seq++;
    if (event.seq !== seq) return `event ${seq} is missing`;
    if (chainHash(previous, event.body) !== event.hash) return `event ${seq} was changed`;
    if (audit.macOf(event.hash) !== event.mac) return `event ${seq} was not written by this server`;
    previous = event.hash;
  }
  return seq === head.seq && previous === head.hash ? null : `event ${seq + 1} is missing`;
}

/** Null where another node made this one. */
async function signNext(
  { store, blobs, secrets, own, intervalMs }: CheckpointParts,
  tenant: string,
  newest: Checkpoint | null,
  head: AuditHead,
  now: number,
): Promise<Checkpoint | null> {
  const unsigned = {
    v: 1 as const,
    tenant,
    number: (newest?.number ?? 0) + 1,
    ...head,
    at: isoTime(now),
    previous: newest === null ? GENESIS : checkpointDigest(newest),
    intervalMs,
  };
  const { keyId, sign } = secrets.signer();
  const checkpoint = await signCheckpointBy({ ...unsigned, keyId }, sign);
  if (!(await store.transaction((tx) => insertCheckpoint(tx, checkpoint)))) return null;
  await keepCheckpoint(blobs, checkpoint);
  own.keep(checkpoint);
  return checkpoint;
}
