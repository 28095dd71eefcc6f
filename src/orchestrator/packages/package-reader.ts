/** Stored packages for who has a database but no server: what a restored copy refers to, read and opened with its own keys. */
import type { Readable } from 'node:stream';
import { type Config, readSection } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import type { StackOutputs } from '../../kernel/stack-outputs.js';
import { openBlobs } from '../blobs/blobs-place.js';
import { placesOf, serverConfigSchema } from '../config.js';
import { createKeyRing } from '../kms/key-ring.js';
import { isKeyThere, type KmsPlace, openKms } from '../kms/kms-place.js';

export interface PackageReader {
  /** @throws RocError ROC_BLOB_CORRUPT where it is missing */
  readBlob(key: string): Promise<Readable>;
  unwrap(wrapped: string, context: Readonly<Record<string, string>>): Promise<Buffer>;
}

export interface PackageReaderOptions {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The stack's bucket and key stand in where roc.yaml has none. */
  readonly outputs: Partial<StackOutputs> | null;
}

/**
 * Null where neither roc.yaml nor the stack says where robots lie. Nothing is made: a key that is missing is an error.
 * @throws RocError ROC_PRECONDITION_FAILED
 */
export async function openPackageReader({
  config,
  env,
  outputs,
}: PackageReaderOptions): Promise<PackageReader | null> {
  const bucket = outputs?.robotsBucket;
  const key = outputs?.kmsKeyArn;
  const isConfigured = config.sections.server !== undefined;
  if (!isConfigured && !(bucket && key)) return null;
  const fromStack = {
    blobs: bucket ? `s3://${bucket}/robots${outputs?.region ? `?region=${outputs.region}` : ''}` : undefined,
    kms: key ? `aws-kms:${key}` : undefined,
  };
  const server = readSection(config, 'server', serverConfigSchema, {});
  const places = placesOf({
    ...server,
    blobs: server.blobs ?? fromStack.blobs,
    kms: server.kms ?? fromStack.kms,
  });
  const former = await Promise.all(places.formerKms.map((place) => openPresent(place, env)));
  const kms = createKeyRing(await openPresent(places.kms, env), former);
  const blobs = await openBlobs(places.blobs, env);
  return {
    readBlob: (blobKey) => blobs.get(blobKey),
    unwrap: (wrapped, context) => kms.unwrap(wrapped, context),
  };
}

async function openPresent(place: KmsPlace, env: PackageReaderOptions['env']) {
  if (isKeyThere(place)) return openKms(place, env);
  throw new RocError(
    'ROC_PRECONDITION_FAILED',
    `the master key ${place.kind === 'local' ? place.path : place.keyId} is missing`,
    {
      hint: 'Name the key of the server as server.kms in roc.yaml.',
    },
  );
}
