/** Envelopes of evidence in the blob store, encrypted as packages are: they name what is weak. */
import { Readable } from 'node:stream';
import { decryptChunks, encryptChunks } from '../../protocol/package/chunks.js';
import type { PackageDeps } from '../packages/store-package.js';
import type { EvidencePlace } from '../store/evidence.js';

export async function storeEvidence(
  { blobs, kms }: PackageDeps,
  tenantId: string,
  id: string,
  text: string,
): Promise<EvidencePlace> {
  const bytes = Buffer.from(text);
  const context = evidenceContext(tenantId, id);
  const key = await kms.generateDataKey(context);
  const blobKey = `evidence${id.toLowerCase()}`;
  try {
    await blobs.put(blobKey, Readable.from([bytes]).pipe(encryptChunks(key.plaintext, context)));
    return { id, blobKey, wrappedKey: key.wrapped, sizeBytes: bytes.length };
  } finally {
    key.plaintext.fill(0);
  }
}

/** @throws RocError ROC_BLOB_CORRUPT, also in the middle of the stream */
export async function openEvidence(
  { blobs, kms }: PackageDeps,
  tenantId: string,
  { id, blobKey, wrappedKey }: EvidencePlace,
): Promise<Readable> {
  const context = evidenceContext(tenantId, id);
  const key = await kms.unwrap(wrappedKey, context);
  const sealed = await blobs.get(blobKey);
  const plain = decryptChunks(key, context);
  sealed.once('error', (error) => plain.destroy(error));
  return sealed.pipe(plain);
}

/** The names of a package's context, which both ends of the chunk format bind. */
export function evidenceContext(tenant: string, id: string) {
  return { tenant, robot: `evidence/${id}`, version: '0.0.0' };
}
