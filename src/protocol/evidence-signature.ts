/** Whose word a piece of evidence is, for whom and since when: a signature over all its facts, and through `sha256` over its body. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson, canonicalSha256 } from '../kernel/canonical-json.js';
import type { EvidenceEnvelope, EvidenceSignature } from './contracts/evidence.js';
import { publisherKeyId } from './package/signature.js';

export type EvidenceFacts = Omit<EvidenceEnvelope, 'signature' | 'body'>;
/** For which tenant, and when. */
export type EvidenceStamp = Pick<EvidenceSignature, 'audience' | 'issuedAt'>;

/** @throws TypeError without audience or time: without them it would be a former signature, good for any tenant */
export function signEvidence(
  facts: EvidenceFacts,
  stamp: EvidenceStamp,
  privateKey: KeyObject,
): EvidenceSignature {
  if (!stamp.audience || !stamp.issuedAt)
    throw new TypeError('evidence is signed for a tenant and as of a time');
  const said = { keyId: publisherKeyId(createPublicKey(privateKey)), ...stamp };
  return { ...said, value: sign(null, signedBytes(facts, said), privateKey).toString('base64url') };
}

/** Says nothing of the body: hold it to `sha256` as well. */
export function isEvidenceSignedBy(envelope: EvidenceEnvelope, publicKey: KeyObject): boolean {
  const { signature, body: _, ...facts } = envelope;
  if (signature === null || signature.keyId !== publisherKeyId(publicKey)) return false;
  const { value, ...said } = signature;
  return verify(null, signedBytes(facts, said), publicKey, Buffer.from(value, 'base64url'));
}

/** SHA-256 of what was found and under which key, whenever it was signed; null for what nobody signed. */
export function statementDigest(envelope: EvidenceEnvelope): string | null {
  const { signature, body: _, ...facts } = envelope;
  return signature === null ? null : canonicalSha256({ ...facts, keyId: signature.keyId });
}

/** Named, so that no signature of something else is ever one of evidence, nor a former one one of now. */
function signedBytes(facts: EvidenceFacts, said: { keyId: string } & Partial<EvidenceStamp>): Buffer {
  const isFormer = said.audience === undefined;
  const named = isFormer
    ? { roc: 'evidence-signature-v1', ...facts }
    : { roc: 'evidence-signature-v2', ...facts, signature: said };
  return Buffer.from(canonicalJson(named));
}
