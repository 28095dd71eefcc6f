/** Where `server.kms` says that the master key is kept, and the one that is opened there. */
import { existsSync } from 'node:fs';
import { resolveAwsTarget } from '../../kernel/aws.js';
import { RocError } from '../../kernel/errors.js';
import type { Kms } from './kms.js';
import { createLocalKms } from './local.js';

export type KmsPlace =
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'aws'; readonly keyId: string };

/** Reads `local:PATH` and `aws-kms:KEY_ARN`. @throws RocError ROC_CONFIG_INVALID */
export function kmsPlace(url: string): KmsPlace {
  const [, kind, rest = ''] = /^(local|aws-kms):(.+)$/.exec(url) ?? [];
  if (kind === 'local') return { kind: 'local', path: rest };
  if (kind === 'aws-kms') return { kind: 'aws', keyId: rest };
  throw new RocError('ROC_CONFIG_INVALID', `server.kms: "${url.split(':', 1)[0]}:" is not taken`, {
    hint: 'Write local:PATH or aws-kms:KEY_ARN.',
  });
}

/** Whether there is a key to be opened; a local one is made where there is none. */
export function isKeyThere(place: KmsPlace): boolean {
  return place.kind === 'aws' || existsSync(place.path);
}

/** @throws RocError ROC_DATA_DIR_UNUSABLE, ROC_REGION_MISSING, and what AWS answers */
export async function openKms(
  place: KmsPlace,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Kms> {
  if (place.kind === 'local') return createLocalKms({ path: place.path });
  const { createAwsKms } = await import('./aws.js');
  // An ARN names its region; another one would answer that there is no such key.
  const region = /^arn:[^:]+:kms:([^:]+):/.exec(place.keyId)?.[1];
  return createAwsKms({ keyId: place.keyId, target: resolveAwsTarget({ region }, env) });
}
