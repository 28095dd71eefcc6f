/** Sends what a check found to the server: what `--publish` of the operations commands does. */
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { isRocError } from '../kernel/errors.js';
import { type Clock, isoTime } from '../kernel/time.js';
import type { Client } from '../protocol/client.js';
import type { BodyOf, ReplyOf } from '../protocol/contracts.js';
import { type EvidenceFacts, type EvidenceSignature, signEvidence } from '../protocol/evidence-signature.js';
import { readSigningKey } from '../protocol/package/signature.js';
import type { Api } from './api.js';
import { readKey } from './publisher-keys.js';

/** What became of `--publish`: the result of a check is never lost because the server did not take it. */
interface Publication {
  readonly published: string | null;
  readonly exitCode: number;
  readonly says: string;
}

export type Finding = Omit<BodyOf<'evidence.publish'>, 'sha256' | 'signature'>;

/**
 * Signed with the key of this shell, where it has one: `client.evidenceKey` of roc.yaml, or `ROC_CLIENT__EVIDENCE_KEY`;
 * for the tenant that this shell speaks for, and as of now.
 * @returns what the server recorded
 * @throws RocError ROC_TOO_LARGE beyond 5 MB, ROC_FORBIDDEN, ROC_UNREACHABLE; ROC_REFUSED for a key that is not trusted
 */
export async function publishEvidence(
  api: Client & Partial<Pick<Api, 'evidenceKey'>>,
  finding: Finding,
  now: Clock = Date.now,
): Promise<ReplyOf<'evidence.publish'>> {
  // What JSON leaves out (undefined members) must not be in the digest either.
  const { body, ...facts } = JSON.parse(
    JSON.stringify({ ...finding, body: finding.body ?? null }),
  ) as Finding;
  const digested = { ...facts, sha256: canonicalSha256(body) };
  const signature = await signatureOf(api, digested, now);
  return api.call('evidence.publish', { body: { ...digested, signature, body } });
}

async function signatureOf(
  api: Client & Partial<Pick<Api, 'evidenceKey'>>,
  facts: EvidenceFacts,
  now: Clock,
): Promise<EvidenceSignature | null> {
  if (api.evidenceKey === undefined) return null;
  const key = readSigningKey(await readKey(api.evidenceKey));
  const { tenantId: audience } = await api.call('me.show');
  return signEvidence(facts, { audience, issuedAt: isoTime(now()) }, key);
}

/** As {@link publishEvidence}; what stands in its way is told beside the result, which stays. */
export async function tryToPublish(
  api: () => Promise<Client>,
  finding: Promise<Finding>,
): Promise<Publication> {
  try {
    const { id, verdict } = await publishEvidence(await api(), await finding);
    return { published: id, exitCode: 0, says: `published as evidence ${id}, verdict ${verdict}` };
  } catch (error) {
    if (!isRocError(error)) throw error;
    const says = `not published: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`;
    return { published: null, exitCode: error.exitCode, says };
  }
}
