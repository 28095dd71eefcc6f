/** What is kept no longer than it has to be: by the retention settings, and blobs that nothing names. */
import type { Log } from '../../kernel/log.js';
import { DAY, HOUR } from '../../kernel/time.js';
import type { Audit } from '../audit/audit.js';
import { purgeChain } from '../audit/purge-chain.js';
import type { Blobs } from '../blobs/blobs.js';
import { sweepOrphans } from '../packages/sweep-orphans.js';
import { listChains } from '../store/audit-events.js';
import { isEvidenceBlob } from '../store/evidence.js';
import { purgeJobLogs, purgeJobs } from '../store/purge-jobs.js';
import { deleteEvidence, oldEvidence, type Retention } from '../store/retention.js';
import type { Store } from '../store/store.js';
import { isVersionBlob } from '../store/versions.js';
import { type Loop, startLoop } from './loop.js';

export interface RetentionParts {
  readonly store: Store;
  readonly auth: { readonly audit: Audit };
  readonly packages: { readonly blobs: Blobs };
  readonly retention: Retention;
  readonly log: Log;
  readonly random: () => number;
}

/** Longer than any upload takes from its first byte to its record. */
const ORPHAN_AGE_MS = 6 * HOUR;

export function retentionLoops(parts: RetentionParts): Loop[] {
  const { log, random } = parts;
  const hourly = (name: string, work: () => Promise<void>) =>
    startLoop({ name, everyMs: HOUR, round: () => work().then(() => ({ more: false })), log, random });
  return [hourly('retention', () => applyRetention(parts)), hourly('orphans', () => removeOrphans(parts))];
}

export async function applyRetention({
  store,
  auth,
  packages,
  retention,
  log,
}: RetentionParts): Promise<void> {
  const now = await store.now();
  const apply = async (what: string, days: number | null, purge: (before: number) => Promise<number>) => {
    const removed = days === null ? 0 : await purge(now - days * DAY);
    if (removed > 0) log.info({ what, removed, days }, 'removed what was kept long enough');
  };
  await apply('logs of jobs', retention.jobLogDays, (before) => purgeJobLogs(store, before));
  await apply('jobs', retention.jobDays, (before) => purgeJobs(store, before));
  await apply('evidence', retention.evidenceDays, (before) => purgeEvidence(store, packages.blobs, before));
  await apply('audit events', retention.auditDays, async (before) => {
    let removed = 0;
    for (const tenantId of await listChains(store))
      removed += await purgeChain(store, auth.audit, tenantId, before);
    return removed;
  });
}

/** The record goes first: a blob without one is swept, a record without its blob would be a lie. */
async function purgeEvidence(store: Store, blobs: Blobs, before: number): Promise<number> {
  let removed = 0;
  for (;;) {
    const old = await oldEvidence(store, before);
    if (old.length === 0) return removed;
    for (const { id, blobKey } of old) {
      await deleteEvidence(store, id);
      await blobs.delete(blobKey);
      removed++;
    }
  }
}

export async function removeOrphans({ store, packages, log }: RetentionParts): Promise<void> {
  // The clock that wrote the files is this host's or the blob store's, not the database's.
  const sweep = { now: Date.now, minAge: ORPHAN_AGE_MS };
  const kinds = [
    { prefix: 'package', isKnown: (key: string) => isVersionBlob(store, key) },
    { prefix: 'evidence', isKnown: (key: string) => isEvidenceBlob(store, key) },
  ];
  for (const kind of kinds) {
    const { removed, spared } = await sweepOrphans(packages.blobs, { ...sweep, ...kind });
    if (removed > 0) log.warn({ prefix: kind.prefix, removed }, 'removed blobs that nothing named');
    if (spared > 0)
      log.warn(
        { prefix: kind.prefix, spared },
        'most of what is stored is unknown to this database, so nothing of it is removed: is it the right one?',
      );
  }
}
