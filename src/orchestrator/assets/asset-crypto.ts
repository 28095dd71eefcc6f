/** Secrets by envelope: a data key of its own for each, wrapped by the master key, bound to tenant, asset and environment. */
import { openSecretText, sealSecretText } from '../../protocol/asset-secret.js';
import type { EncryptionContext, Kms } from '../kms/kms.js';

export interface SealedSecret {
  /** Nonce, ciphertext and tag, base64url. */
  readonly sealed: string;
  readonly wrappedKey: string;
}

export async function sealSecret(
  kms: Kms,
  context: EncryptionContext,
  secret: string,
): Promise<SealedSecret> {
  const key = await kms.generateDataKey(context);
  try {
    return { sealed: sealSecretText(key.plaintext, context, secret), wrappedKey: key.wrapped };
  } finally {
    key.plaintext.fill(0);
  }
}

/** @throws RocError ROC_BLOB_CORRUPT */
export async function openSecret(
  kms: Kms,
  context: EncryptionContext,
  { sealed, wrappedKey }: SealedSecret,
): Promise<string> {
  const key = await kms.unwrap(wrappedKey, context);
  try {
    return openSecretText(key, context, sealed);
  } finally {
    key.fill(0);
  }
}

/** A secret of one environment is bound to it: moved to another one in the database, it does not open. */
export function assetContext(tenant: string, id: string, environment: string | null): EncryptionContext {
  return environment === null ? { tenant, asset: id } : { tenant, asset: id, environment };
}
