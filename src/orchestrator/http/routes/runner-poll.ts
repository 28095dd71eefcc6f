/** The long poll: work as soon as there is some, or an empty answer when the time is over. */
import { MINUTE } from '../../../kernel/time.js';
import type { RunnerCaller } from '../../auth/caller.js';
import { type Claimed, NOTHING } from '../../jobs/claim.js';
import type { Claim } from '../../jobs/claim-together.js';
import { LEASE_MS } from '../../jobs/limits.js';
import { releaseOffers } from '../../jobs/release-offers.js';
import type { JobOffer } from '../../store/job-offers.js';
import type { StoredSignature } from '../../store/publishers.js';
import { requireSession } from '../../store/runners.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type Offer = Awaited<ReturnType<Handlers['runner.poll']>>['jobs'][number];

/** How long a runner has to begin reading a package that it was offered. */
const DIRECT_MS = 15 * MINUTE;

export async function poll(parts: ServerParts, claim: Claim, call: Call<'runner.poll'>) {
  const { caller, signal } = call;
  const claimed = await waitForWork(parts, claim, call);
  const offers = claimed.offers.map(({ jobId, epoch }) => ({ jobId, epoch, runnerId: caller.id }));
  const release = () => {
    releaseOffers(parts.store, offers).catch((error: unknown) => {
      // They lapse by themselves then, some seconds later.
      parts.log.warn({ err: error, runner: caller.id }, 'undelivered offers could not be released');
    });
  };
  if (offers.length === 0) return { jobs: [], drain: claimed.drain };
  call.onUndelivered(release);
  // Where this one found work there may be more (another node wakes nobody here): each wakes the next.
  parts.waiters.wake(caller.poolId);
  try {
    const jobs = await Promise.all(claimed.offers.map((offer) => offerFor(parts, offer)));
    return { jobs, drain: claimed.drain };
  } catch (error) {
    if (!signal.aborted) release();
    throw error;
  }
}

async function waitForWork(
  { waiters }: ServerParts,
  claim: Claim,
  call: Call<'runner.poll'>,
): Promise<Claimed> {
  const { caller, body, signal } = call;
  const { tenantId, poolId, os } = caller;
  const args = { runnerId: caller.id, sessionEpoch: body.sessionEpoch, slots: body.freeSlots };
  const queue = `${poolId} ${os}`;
  const until = performance.now() + body.waitMs;
  const ticket = waiters.join({ tenantId, poolId, platform: os });
  try {
    while (!signal.aborted) {
      // The tenant may have been paused while this was held.
      const runner = await call.recheck();
      // Who waits anyway is woken when there is something: he need not ask where a look has just found nothing.
      const isVain = runner.isResting || (body.waitMs > 0 && waiters.isEmpty(poolId));
      const claimed = isVain ? withoutAsking(runner, body.sessionEpoch) : await claim(queue, args);
      const leftMs = until - performance.now();
      if (claimed.offers.length > 0 || claimed.drain || leftMs <= 0) return claimed;
      const from = performance.now();
      await ticket.wait(leftMs, signal);
      call.addHeldTime(performance.now() - from);
    }
    return { offers: [], drain: false };
  } finally {
    ticket.leave();
    // It may have been woken as its client went: what it was woken for is another's.
    if (signal.aborted) waiters.wake(poolId);
  }
}

/** What a claim would say of the session itself, as far as it is known. @throws RocError ROC_GONE */
function withoutAsking(runner: RunnerCaller, sessionEpoch: number): Claimed {
  // What is known may be some seconds old, and a session be newer.
  if (runner.sessionEpoch < sessionEpoch) return NOTHING;
  return { offers: [], drain: requireSession(runner, sessionEpoch).isDraining };
}

/** Where the package is and what to run; its key is asked for apart, by who begins the job. */
async function offerFor(parts: ServerParts, offer: JobOffer): Promise<Offer> {
  const { tenantId, project, robot, version, digest, sha256, sizeBytes, jobId, epoch } = offer;
  const url = (await directUrl(parts, offer)) ?? `/api/v1/runner/jobs/${jobId}/package?epoch=${epoch}`;
  const named = { tenantId, project, robot, version };
  const signature = offer.signature === null ? null : withoutTrust(offer.signature);
  return {
    jobId,
    epoch,
    attempt: offer.attempt,
    process: offer.process,
    environment: offer.environment,
    package: { ...named, digest, sha256, sizeBytes, url, signature },
    entrypoint: [...offer.entrypoint],
    input: offer.input,
    timeoutMs: offer.timeoutMs,
    leaseMs: LEASE_MS,
  };
}

/** Where the runner may read the ciphertext by itself; without it, it comes through this server. */
async function directUrl({ packages, download, log }: ServerParts, offer: JobOffer): Promise<string | null> {
  if (download === 'proxied') return null;
  return packages.blobs.downloadUrl(offer.blobKey, DIRECT_MS).catch((error: unknown) => {
    log.warn({ err: error }, 'no direct address for a package: it goes through this server');
    return null;
  });
}

/** Whether it is trusted was asked when it was deployed and started; the runner judges by keys of its own. */
function withoutTrust({ keyId, publicKey, signature }: StoredSignature) {
  return { keyId, publicKey, signature };
}
