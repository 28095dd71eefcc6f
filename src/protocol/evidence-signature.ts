/** Whose word a piece of evidence is: a signature over all its facts, and through `sha256` over its body. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '../kernel/canonical-json.js';
import type { EvidenceEnvelope } from './contracts/evidence.js';
import { publisherKeyId } from './package/signature.js';

export type EvidenceFacts = Omit<EvidenceEnvelope, 'signature' | 'body'>;
export type EvidenceSignature = NonNullable<EvidenceEnvelope['signature']>;

export function signEvidence(facts: EvidenceFacts, privateKey: KeyObject): EvidenceSignature {
  const value = sign(null, signedBytes(facts), privateKey).toString('base64url');
  return { keyId: publisherKeyId(createPublicKey(privateKey)), value };
}

/** Says nothing of the body: hold it to `sha256` as well. */
export function isEvidenceSignedBy(envelope: EvidenceEnvelope, publicKey: KeyObject): boolean {
  const { signature, body: _, ...facts } = envelope;
  if (signature === null || signature.keyId !== publisherKeyId(publicKey)) return false;
  return verify(null, signedBytes(facts), publicKey, Buffer.from(signature.value, 'base64url'));
}

/** Named, so that no signature of something else is ever one of evidence. */
function signedBytes(facts: EvidenceFacts): Buffer {
  return Buffer.from(canonicalJson({ roc: 'evidence-signature-v1', ...facts }));
}
