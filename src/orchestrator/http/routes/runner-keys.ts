/** What a runner is given for a job that it holds: the key of the package, a token of the job, and its assets. */
import { RocError } from '../../../kernel/errors.js';
import { isoTime } from '../../../kernel/time.js';
import { secretBinding } from '../../../protocol/asset-secret.js';
import { wrapKeyFor } from '../../../protocol/package/key-wrap.js';
import { assetContext } from '../../assets/asset-crypto.js';
import { assetForJob, problemsOf } from '../../assets/job-assets.js';
import type { JobCaller } from '../../auth/caller.js';
import { exchangeKey } from '../../jobs/exchange-key.js';
import type { StoredAsset } from '../../store/assets.js';
import { lockLease } from '../../store/job-leases.js';
import { type LeasedJob, readLeasedJob, requireNotCanceling } from '../../store/leased-jobs.js';
import type { Reader } from '../../store/store.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type RunnerKeyRoutes = 'runner.key' | 'runner.job-token' | 'runner.asset';

export function runnerKeyHandlers(parts: ServerParts): Pick<Handlers, RunnerKeyRoutes> {
  const { store, auth } = parts;
  return {
    'runner.key': async ({ caller, params, body }) => ({
      wrappedKey: await exchangeKey(parts, caller, { ...body, jobId: params.id }),
    }),
    'runner.job-token': async ({ caller, params, body: { epoch } }) => {
      const lease = { jobId: params.id, epoch, runnerId: caller.id };
      const job = await readLeasedJob(store, lease);
      const { token, expiresAt } = await auth.accessTokens.issue({
        ...{ kind: 'job', subject: job.jobId, tenantId: caller.tenantId, sessionId: caller.id, epoch },
      });
      return {
        token,
        expiresAt: isoTime(expiresAt),
        problems: await problemsOf(store, job, auth.rowSeal),
      };
    },
    'runner.asset': (call) => deliver(parts, call),
  };
}

/**
 * The data key is wrapped before the transaction, and claim, grant and value are looked at again in it: nothing is
 * told twice, and nothing is given that was taken back meanwhile.
 */
async function deliver({ store, packages, auth }: ServerParts, call: Call<'runner.asset'>) {
  const { caller, params } = call;
  if (params.id !== caller.jobId) {
    throw new RocError('ROC_FORBIDDEN', 'this token is that of another job', {
      hint: 'A job reads its own assets.',
    });
  }
  const job = await runningJob(store, caller);
  const asset = await assetForJob(store, job, params.asset, auth.rowSeal);
  const answer = await answerFor(packages, caller, asset);
  return call.transact(async (tx) => {
    await lockLease(tx, { jobId: job.jobId, epoch: job.epoch, runnerId: job.runnerId });
    const now = await assetForJob(tx, await runningJob(tx, caller), params.asset, auth.rowSeal);
    if (!isSame(asset, now)) throw changedMeanwhile(params.asset);
    call.tell({ after: told(job) });
    return answer;
  });
}

function isSame(one: StoredAsset, other: StoredAsset): boolean {
  return (
    one.shown.id === other.shown.id &&
    one.shown.value === other.shown.value &&
    one.secret?.sealed === other.secret?.sealed &&
    one.secret?.wrappedKey === other.secret?.wrappedKey
  );
}

function changedMeanwhile(asset: string): RocError {
  return new RocError('ROC_CONFLICT', `the asset ${asset} was changed in this moment`, {
    hint: 'Ask again.',
  });
}

async function answerFor(
  { kms }: ServerParts['packages'],
  caller: JobCaller,
  { shown, secret }: StoredAsset,
) {
  const { id, name, environment, value } = shown;
  if (secret === null) return { id, name, kind: 'text' as const, value: value ?? '' };
  const { jobId, epoch, runner, tenantId } = caller;
  const context = assetContext(tenantId, id, environment);
  const key = await kms.unwrap(secret.wrappedKey, context);
  try {
    const binding = secretBinding({ runnerId: runner.id, jobId, epoch }, { id, sealed: secret.sealed });
    const wrappedKey = wrapKeyFor(runner.boxKey, key, binding);
    return { id, name, kind: 'secret' as const, sealed: secret.sealed, context: { ...context }, wrappedKey };
  } finally {
    key.fill(0);
  }
}

/** @throws RocError ROC_STALE_LEASE once another claim holds, ROC_CANCELING for a job that is to end */
async function runningJob(reader: Reader, { jobId, epoch, runner }: JobCaller): Promise<LeasedJob> {
  const job = await readLeasedJob(reader, { jobId, epoch, runnerId: runner.id });
  requireNotCanceling(job);
  return job;
}

function told({ jobId, epoch, project, process, environment, robot, version }: LeasedJob) {
  return { job: jobId, epoch, process: `${project}/${process}`, environment, robot, version };
}
