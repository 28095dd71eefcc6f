/** What came as evidence, held to its digest, to the key that is said to have signed it, and to whom and when it is for. */
import { canonicalSha256 } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';
import { MINUTE } from '../../kernel/time.js';
import type { EvidenceEnvelope, EvidenceSignature } from '../../protocol/contracts/evidence.js';
import { isEvidenceSignedBy } from '../../protocol/evidence-signature.js';
import { readPublisherKey } from '../../protocol/package/signature.js';
import { findPublisher } from '../store/publishers.js';
import type { Reader } from '../store/store.js';

/** How far the times that evidence tells may be from the server's: the way here, and clocks that differ. */
export const SIGNED_WITHIN_MS = 15 * MINUTE;

/**
 * Whose key signed it; null for what is not signed, which lists show as such.
 * @throws RocError ROC_INVALID_INPUT for another body or one of the future, ROC_REFUSED for a signature that is not one of a trusted key,
 * for another tenant, or not of now
 */
export async function checkEvidence(
  reader: Reader,
  tenantId: string,
  envelope: EvidenceEnvelope,
): Promise<string | null> {
  if (canonicalSha256(envelope.body) !== envelope.sha256) throw otherBody();
  const now = await reader.now();
  if (Date.parse(envelope.generatedAt) > now + SIGNED_WITHIN_MS) throw ofTheFuture(envelope);
  const { signature } = envelope;
  if (signature === null) return null;
  if (!('audience' in signature)) throw former();
  const { keyId } = signature;
  const publisher = await findPublisher(reader, { tenantId, keyId, purpose: 'evidence' });
  if (publisher === null) {
    throw new RocError('ROC_REFUSED', `no key ${keyId} is trusted for evidence in this tenant`, {
      hint: 'Have its public key trusted first: `roc publishers add FILE --for evidence`.',
    });
  }
  if (!isEvidenceSignedBy(envelope, readPublisherKey(publisher.publicKey))) throw notSigned();
  requireForUs(signature, tenantId, now);
  return publisher.id;
}

/** Only after the signature: until then nobody has said so. */
function requireForUs({ audience, issuedAt }: EvidenceSignature, tenantId: string, now: number): void {
  if (audience !== tenantId) {
    throw new RocError('ROC_REFUSED', 'this evidence was signed for another tenant', {
      hint: 'Whoever signs names the tenant that it is for; publish there, or sign it for this one.',
    });
  }
  if (Math.abs(now - Date.parse(issuedAt)) <= SIGNED_WITHIN_MS) return;
  throw new RocError('ROC_REFUSED', `this evidence was signed at ${issuedAt}, which is not now`, {
    hint: `Publish within ${SIGNED_WITHIN_MS / MINUTE} minutes of signing; check the clock of the host that signs.`,
  });
}

/** It would count as the newest proof until then. */
function ofTheFuture({ generatedAt }: EvidenceEnvelope): RocError {
  return new RocError('ROC_INVALID_INPUT', `generatedAt (${generatedAt}) is still to come`, {
    hint: 'Check the clock of the host that made it.',
  });
}

function former(): RocError {
  return new RocError(
    'ROC_REFUSED',
    'this signature does not say for which tenant it is, and is taken no more',
    {
      hint: 'Update roc on the host that signs.',
    },
  );
}

function notSigned(): RocError {
  return new RocError('ROC_REFUSED', 'the signature is not one of this evidence', {
    hint: 'Publish it again; what arrived is not what was signed.',
  });
}

function otherBody(): RocError {
  return new RocError('ROC_INVALID_INPUT', 'sha256 is not that of the body', {
    hint: 'It is the SHA-256 of the canonical JSON (RFC 8785) of body, in lower-case hex.',
  });
}
