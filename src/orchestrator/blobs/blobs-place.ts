/** Where `server.blobs` says that blobs lie, and the store that is opened there. */
import { resolveAwsTarget } from '../../kernel/aws.js';
import { RocError } from '../../kernel/errors.js';
import type { Blobs } from './blobs.js';
import { createDiskBlobs } from './disk.js';

export type BlobsPlace =
  | { readonly kind: 'disk'; readonly root: string }
  | {
      readonly kind: 's3';
      readonly bucket: string;
      /** Before each key: empty, or ending in a slash. */
      readonly prefix: string;
      /** A KMS key's ARN or id for the objects; the bucket's own default where null. */
      readonly kmsKey: string | null;
      readonly region: string | undefined;
    };

const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const PREFIX = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/(?!$)|$))*$/;
const PARAMETERS = ['kms-key', 'region'];

/**
 * Reads `file:PATH` and `s3://BUCKET[/PREFIX][?region=R&kms-key=ARN]`.
 * @param otherwise the folder where nothing is configured
 * @throws RocError ROC_CONFIG_INVALID
 */
export function blobsPlace(url: string | undefined, otherwise: string): BlobsPlace {
  if (url === undefined) return { kind: 'disk', root: otherwise };
  if (/^file:./.test(url)) return { kind: 'disk', root: url.slice('file:'.length) };
  const [matched, bucket, folder = '', query = ''] = S3_URL.exec(url) ?? [];
  const parameters = new URLSearchParams(query);
  const prefix = folder.replace(/\/$/, '');
  const isKnown = [...parameters.keys()].every((name) => PARAMETERS.includes(name));
  if (matched === undefined || bucket === undefined || !PREFIX.test(prefix) || !isKnown) {
    throw new RocError('ROC_CONFIG_INVALID', `server.blobs: "${url}" is not taken`, {
      hint: 'Write file:PATH or s3://BUCKET/PREFIX, optionally with ?region=… and &kms-key=….',
    });
  }
  return {
    kind: 's3',
    bucket,
    prefix: prefix === '' ? '' : `${prefix}/`,
    kmsKey: parameters.get('kms-key') || null,
    region: parameters.get('region') || undefined,
  };
}

/** @throws RocError ROC_DATA_DIR_UNUSABLE, ROC_REGION_MISSING */
export async function openBlobs(
  place: BlobsPlace,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Blobs> {
  if (place.kind === 'disk') return createDiskBlobs({ root: place.root });
  const { createS3Blobs } = await import('./s3.js');
  return createS3Blobs({ ...place, target: resolveAwsTarget({ region: place.region }, env) });
}
