/** The room as a library: backups listed, verified, restored and swept for a program, in types of roc's own. */
import type { AwsTarget } from '../kernel/aws.js';
import { RocError } from '../kernel/errors.js';
import { type Log, silentLog } from '../kernel/log.js';
import type { OpenTunnel } from '../kernel/tunnel.js';
import type { BackupList, DrillPlan, RestoreResult, SweptThing, VerifyResult } from './answers.js';
import { listBackups } from './list.js';
import { planWithParts, resumeWithParts, verifyWithParts } from './parts.js';
import { restore } from './restore.js';
import { resultOf } from './result.js';
import { openRoom, type Room, sweepOptions } from './room.js';
import { sweep } from './sweep.js';

export interface BackupsOptions extends AwsTarget {
  /** The package's own folder, where the shipped policy is. */
  readonly packageRoot: string;
  readonly version: string;
  /** The shipped policy when absent. */
  readonly policyFile?: string | undefined;
  /** Journals, manifests and evidence. @default '.roc/backup' in the working directory */
  readonly dir?: string | undefined;
  /** S3 bucket for locks, journals and evidence. */
  readonly bucket?: string | undefined;
  /** PEM file of the authorities of RDS. */
  readonly caFile?: string | undefined;
  /** Needed by assets that are reached through an instance. */
  readonly openTunnel?: OpenTunnel | undefined;
  readonly log?: Log | undefined;
}

export interface Backups {
  list(asset?: string): Promise<BackupList>;
  plan(asset?: string, point?: string): Promise<DrillPlan>;
  /** Restores, checks and cleans up. @throws RocError ROC_RESUMABLE, ROC_REFUSED, ROC_USAGE */
  verify(options?: VerifyOptions): Promise<VerifyResult>;
  resume(run: string, signal?: AbortSignal): Promise<VerifyResult>;
  restore(options: {
    readonly asset?: string;
    readonly point: string;
    readonly to: string;
    readonly cutOver?: boolean;
    readonly signal?: AbortSignal;
  }): Promise<RestoreResult>;
  /** With `apply` it deletes; without, it says what it would. */
  sweep(options?: { readonly apply?: boolean; readonly signal?: AbortSignal }): Promise<SweptThing[]>;
}

export interface VerifyOptions {
  readonly asset?: string;
  /** @default 'latest' */
  readonly point?: string;
  /** A duration such as `2h`. */
  readonly keepOnFailure?: string;
  readonly detach?: boolean;
  /** Stops the run, which then cleans up. */
  readonly signal?: AbortSignal;
}

/** @throws RocError ROC_POLICY_INVALID, ROC_NOT_FOUND */
export async function createBackups(options: BackupsOptions): Promise<Backups> {
  const room = await roomOf(options);
  const onProgress = (text: string) => room.log.debug({}, text);
  return {
    list: (asset) => listBackups(room, asset),
    plan: (asset, point = 'latest') => planWithParts(room, { asset, point }),
    async verify({ asset, point = 'latest', keepOnFailure, detach, signal = unstopped() } = {}) {
      const how = { asset, point, keepOnFailure, detach, signal, onProgress };
      return resultOf(await verifyWithParts(room, how));
    },
    async resume(run, signal = unstopped()) {
      return resultOf(await resumeWithParts(room, run, { signal, onProgress }));
    },
    restore: ({ asset, point, to, cutOver = false, signal = unstopped() }) =>
      restore(room, { asset, point, to, cutOver, signal, onProgress }),
    sweep: ({ apply = false, signal = unstopped() } = {}) => sweep({ ...sweepOptions(room), apply, signal }),
  };
}

function roomOf(options: BackupsOptions): Promise<Room> {
  const { packageRoot, version, policyFile, dir, bucket, caFile, region, profile, endpointUrl } = options;
  const backup = { dir, bucket, ca: caFile };
  return openRoom({
    config: { file: null, sections: { backup: JSON.parse(JSON.stringify(backup)) } },
    cwd: process.cwd(),
    env: {},
    flags: { region, profile, 'endpoint-url': endpointUrl, policy: policyFile },
    root: packageRoot,
    version,
    log: options.log ?? silentLog,
    createBastion: () => ({ openTunnel: options.openTunnel ?? noTunnel }),
  });
}

const noTunnel: OpenTunnel = async ({ host }) => {
  throw new RocError('ROC_USAGE', `no tunnel was given to reach ${host} through`, {
    hint: 'Pass openTunnel, such as that of createBastion of roc/bastion.',
  });
};

function unstopped(): AbortSignal {
  return new AbortController().signal;
}
