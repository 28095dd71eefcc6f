/** Packs a robot and sends it; what the server has already is not sent again. */
import { createReadStream, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { isRocError, RocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import type { ReplyOf } from '../protocol/contracts.js';
import { DEFAULT_PACKAGE_LIMITS } from '../protocol/package/limits.js';
import { type PackedRobot, packRobot } from '../protocol/package/pack.js';
import { readSigningKey, signVersion } from '../protocol/package/signature.js';
import { formatBytes } from './bytes.js';
import type { Progress } from './progress.js';

export interface PublishOptions {
  /** A folder or zip with a robot.yaml. */
  readonly path: string;
  readonly project: string;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Private key (PEM) to sign with. */
  readonly signingKey?: string | undefined;
}

/**
 * Publishes a robot; `created` is false where this very content is there already.
 * @throws RocError ROC_PACKAGE_INVALID, ROC_VERSION_EXISTS where the version has other content
 */
export async function publishRobot(
  client: Client,
  options: PublishOptions,
): Promise<ReplyOf<'versions.publish'>> {
  const { path, signal, progress } = options;
  let folder: string | undefined;
  // A second Ctrl-C leaves at once and waits for nothing.
  const removeNow = () => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', removeNow);
  try {
    progress.update(`packing ${path}`);
    const onFolder = (dir: string) => {
      folder = dir;
    };
    if (options.signingKey !== undefined) readSigningKey(options.signingKey);
    const packed = await packRobot(path, DEFAULT_PACKAGE_LIMITS, { signal, onFolder });
    const published = await publishedVersion(client, packed, options);
    if (published === null) return await upload(client, packed, options);
    if (published.digest === packed.digest) return { ...published, created: false };
    throw otherContent(packed);
  } finally {
    process.off('exit', removeNow);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}

// Asking first spares the upload. Who may publish but not read, or meets a new robot, finds out by sending.
async function publishedVersion(client: Client, packed: PackedRobot, { project, signal }: PublishOptions) {
  try {
    return await client.call('versions.show', { ...routeTo(packed, project), signal });
  } catch (error) {
    if (isRocError(error) && ['ROC_NOT_FOUND', 'ROC_FORBIDDEN'].includes(error.code)) return null;
    throw error;
  }
}

function upload(client: Client, packed: PackedRobot, options: PublishOptions) {
  const { project, signal, progress, signingKey } = options;
  const { params, query } = routeTo(packed, project);
  const signed =
    signingKey === undefined
      ? {}
      : signVersion({ ...params, project, digest: packed.digest }, readSigningKey(signingKey));
  const name = `${params.robot}@${params.version}`;
  let sent = 0;
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      sent += piece.length;
      progress.update(`sending ${name}: ${formatBytes(sent)} of ${formatBytes(packed.size)}`);
      done(null, piece);
    },
  });
  const content = createReadStream(packed.file, { signal });
  content.on('error', (error) => meter.destroy(error));
  return client.upload('versions.publish', content.pipe(meter), packed.size, {
    params,
    query: { ...query, ...signed, sha256: packed.sha256 },
    signal,
  });
}

function routeTo({ manifest }: PackedRobot, project: string) {
  return { params: { robot: manifest.name, version: manifest.version }, query: { project } };
}

function otherContent({ manifest: { name, version } }: PackedRobot): RocError {
  return new RocError('ROC_VERSION_EXISTS', `${name}@${version} is published with other content`, {
    hint: 'A version never changes: raise `version` in robot.yaml and publish that.',
  });
}
