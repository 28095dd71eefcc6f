/** Evidence on this machine: fetched, held to its digest, saved. */
import { writeFile } from 'node:fs/promises';
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { RocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import { type EvidenceEnvelope, evidenceEnvelopeSchema } from '../protocol/contracts/evidence.js';
import { isEvidenceSignedBy } from '../protocol/evidence-signature.js';
import { readPublisherKey } from '../protocol/package/signature.js';
import { readKey } from './publisher-keys.js';

/** @throws RocError ROC_BLOB_CORRUPT where it is not what its digest says */
export async function fetchEvidence(api: Client, id: string): Promise<EvidenceEnvelope> {
  const response = await api.open('evidence.content', { params: { id } });
  const parsed = evidenceEnvelopeSchema.safeParse(await response.json().catch(() => null));
  if (parsed.success && canonicalSha256(parsed.data.body) === parsed.data.sha256) return parsed.data;
  throw new RocError('ROC_BLOB_CORRUPT', `evidence ${id} is not what was published`, {
    hint: 'Compare with its event in `roc audit list --action evidence.publish`.',
  });
}

/** @throws RocError ROC_CHECK_FAILED where the key of the file did not sign it */
export async function requireSigner(envelope: EvidenceEnvelope, publicKeyFile: string): Promise<void> {
  if (isEvidenceSignedBy(envelope, readPublisherKey(await readKey(publicKeyFile)))) return;
  const problem = envelope.signature === null ? 'is not signed' : 'was not signed with this key';
  throw new RocError('ROC_CHECK_FAILED', `this evidence ${problem}`, {
    hint: 'Compare the key with `roc publishers list`; do not rely on what is in it.',
  });
}

/** @throws RocError ROC_USAGE where the file exists or cannot be written */
export async function saveNew(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: 'wx', mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
    throw new RocError('ROC_USAGE', `${file} cannot be made: ${cause.code}`, {
      hint: 'Name a file that does not exist yet, in a folder of yours.',
      cause,
    });
  });
}
