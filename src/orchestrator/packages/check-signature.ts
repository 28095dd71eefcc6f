/** What came as a signature of an upload, held to the content that really arrived. */
import { RocError } from '../../kernel/errors.js';
import { isSignedBy, readPublisherKey, type SignedVersion } from '../../protocol/package/signature.js';
import { findPublisher } from '../store/publishers.js';
import type { Reader } from '../store/store.js';

export interface ClaimedSignature {
  readonly keyId?: string | undefined;
  readonly signature?: string | undefined;
}

export interface CheckedSignature {
  readonly publisherId: string;
  readonly signature: string;
}

/**
 * Null where nothing was claimed: an unsigned version is what environments may refuse, a bad signature nobody takes.
 * @throws RocError ROC_REFUSED
 */
export async function checkSignature(
  reader: Reader,
  tenantId: string,
  version: SignedVersion,
  { keyId, signature }: ClaimedSignature,
): Promise<CheckedSignature | null> {
  if (keyId === undefined && signature === undefined) return null;
  const publisher = await findPublisher(reader, { tenantId, keyId: keyId ?? '', purpose: 'robots' });
  if (publisher === null || signature === undefined) {
    throw new RocError('ROC_REFUSED', `no publisher of this tenant has the key ${keyId ?? '(none)'}`, {
      hint: 'Have its public key trusted first: `roc publishers add FILE`.',
    });
  }
  if (isSignedBy(version, signature, readPublisherKey(publisher.publicKey))) {
    return { publisherId: publisher.id, signature };
  }
  throw new RocError('ROC_REFUSED', 'the signature is not one of this content under this name and version', {
    hint: 'Publish it again with --sign; what arrived is not what was signed.',
  });
}
