/** The assets of one running robot: asked of the server under the job's own token, opened here, kept in memory only. */
import { isRocError, RocError } from '../kernel/errors.js';
import { openSecretText, secretBinding } from '../protocol/asset-secret.js';
import type { ReplyOf } from '../protocol/contracts.js';
import { unwrapKey } from '../protocol/package/key-wrap.js';
import { type AssetEndpoint, openAssetEndpoint } from './asset-endpoint.js';
import type { Identity } from './identity.js';
import type { JobControl, JobRef } from './job-control.js';
import { keepTrying } from './keep-trying.js';
import type { Link } from './link.js';
import { createRedactor, type Redactor } from './redactor.js';
import type { Timing } from './timing.js';
import { statusOf } from './verdict.js';

export interface RobotAssets extends Pick<AssetEndpoint, 'url' | 'token' | 'close'> {
  /** Hides what was handed out. */
  readonly redactor: Redactor;
}

export interface AssetsOptions {
  readonly identity: Identity;
  readonly link: Link;
  readonly timing: Timing;
}

type Delivered = ReplyOf<'runner.asset'>;

const MOST_TRIES = 8;

/** @throws RocError for which {@link isAssetFault} holds, where the job would not get one that its robot names */
export async function openJobAssets(job: JobControl, options: AssetsOptions): Promise<RobotAssets> {
  const { link, timing } = options;
  const signal = job.stopping;
  const tokenOf = () =>
    keepTrying(
      () => link.call('runner.job-token', { params: { id: job.jobId }, body: { epoch: job.epoch }, signal }),
      {
        ...{ kind: 'job' as const, timing, signal },
      },
    );
  // The robot learns at once what went wrong, but for a server that only asks for patience.
  const throttled = <T>(work: () => Promise<T>): Promise<T> =>
    keepTrying(work, {
      ...{ kind: 'job' as const, timing, signal },
      onFailure: (error, failures) => {
        if (failures >= MOST_TRIES || !isRocError(error) || statusOf(error) !== 429) throw error;
      },
    });
  const { token, problems } = await tokenOf();
  if (problems.length > 0) throw missing(problems.map(({ message }) => message));
  const redactor = createRedactor();
  let present = token;
  const ask = async (asset: string): Promise<string> => {
    const source = { jobId: job.jobId, asset };
    const delivered = await throttled(() => link.asset({ ...source, token: present }, signal)).catch(
      async (error: unknown) => {
        if (!(error instanceof RocError) || statusOf(error) !== 401) throw error;
        present = (await tokenOf()).token;
        return link.asset({ ...source, token: present }, signal);
      },
    );
    const value = openDelivered(delivered, job, options.identity);
    if (delivered.kind === 'secret') redactor.add(value);
    return value;
  };
  // Each is asked for once an attempt: the chain tells of one delivery, however often the robot looks.
  const values = new Map<string, Promise<string>>();
  const endpoint = await openAssetEndpoint((asset) => {
    const known = values.get(asset) ?? ask(asset);
    values.set(asset, known);
    known.catch(() => values.delete(asset));
    return known;
  });
  const close = async () => {
    values.clear();
    await endpoint.close();
  };
  return { ...endpoint, close, redactor };
}

/** Whether a job failed because of an asset that is not there for it. */
export function isAssetFault(error: unknown): boolean {
  return error instanceof RocError && error.details?.['isAssetFault'] === true;
}

function openDelivered(delivered: Delivered, { jobId, epoch }: JobRef, { runnerId, keys }: Identity): string {
  if (delivered.kind === 'text') return delivered.value;
  const key = unwrapKey(keys.box, delivered.wrappedKey, secretBinding({ runnerId, jobId, epoch }, delivered));
  try {
    return openSecretText(key, delivered.context, delivered.sealed);
  } finally {
    key.fill(0);
  }
}

function missing(messages: readonly string[]): RocError {
  return new RocError('ROC_NOT_FOUND', messages.join('; '), {
    hint: 'Set it, or give it to the process.',
    details: { isAssetFault: true },
  });
}
