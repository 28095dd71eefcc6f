/** What came as evidence, held to its digest and to the key that is said to have signed it. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import type { EvidenceEnvelope } from '../../protocol/contracts/evidence.js';
import { isEvidenceSignedBy } from '../../protocol/evidence-signature.js';
import { readPublisherKey } from '../../protocol/package/signature.js';
import { findPublisher } from '../store/publishers.js';
import type { Reader } from '../store/store.js';

/**
 * Whose key signed it; null for what is not signed, which lists show as such.
 * @throws RocError ROC_INVALID_INPUT for another body, ROC_REFUSED for a signature that is not one of a trusted key
 */
export async function checkEvidence(
  reader: Reader,
  tenantId: string,
  envelope: EvidenceEnvelope,
): Promise<string | null> {
  if (canonicalSha256(envelope.body) !== envelope.sha256) throw otherBody();
  if (envelope.signature === null) return null;
  const { keyId } = envelope.signature;
  const publisher = await findPublisher(reader, { tenantId, keyId, purpose: 'evidence' });
  if (publisher === null) {
    throw new RocError('ROC_REFUSED', `no key ${keyId} is trusted for evidence in this tenant`, {
      hint: 'Have its public key trusted first: `roc publishers add FILE --for evidence`.',
    });
  }
  if (isEvidenceSignedBy(envelope, readPublisherKey(publisher.publicKey))) return publisher.id;
  throw new RocError('ROC_REFUSED', 'the signature is not one of this evidence', {
    hint: 'Publish it again; what arrived is not what was signed.',
  });
}

function otherBody(): RocError {
  return new RocError('ROC_INVALID_INPUT', 'sha256 is not that of the body', {
    hint: 'It is the SHA-256 of the canonical JSON (RFC 8785) of body, in lower-case hex.',
  });
}
