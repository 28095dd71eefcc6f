/** Sends what a check found to the server: what `--publish` of the operations commands does. */
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { isRocError, RocError } from '../kernel/errors.js';
import { type Clock, isoTime } from '../kernel/time.js';
import type { Client } from '../protocol/client.js';
import type { EvidenceSignature } from '../protocol/contracts/evidence.js';
import type { BodyOf, ReplyOf } from '../protocol/contracts.js';
import { type EvidenceFacts, signEvidence } from '../protocol/evidence-signature.js';
import { readSigningKey } from '../protocol/package/signature.js';
import { idSchema } from '../protocol/schemas.js';
import type { Api } from './api.js';
import { readKey } from './publisher-keys.js';

/** What became of `--publish`: the result of a check is never lost because the server did not take it. */
interface Publication {
  readonly published: string | null;
  readonly exitCode: number;
  readonly says: string;
}

/** With the key that evidence is signed with, and the tenant that it is for, where they are set. */
type Signer = Client & Partial<Pick<Api, 'evidenceKey' | 'evidenceTenant'>>;

export type Finding = Omit<BodyOf<'evidence.publish'>, 'sha256' | 'signature'>;

/**
 * Signed with the key of this shell, where it has one: `client.evidenceKey` of roc.yaml, or `ROC_CLIENT__EVIDENCE_KEY`;
 * for the tenant that this shell speaks for (only for `client.evidenceTenant`, where that is set), and as of now.
 * @returns what the server recorded
 * @throws RocError ROC_TOO_LARGE beyond 5 MB, ROC_FORBIDDEN, ROC_UNREACHABLE; ROC_REFUSED for a key that is not trusted,
 * and where the server names no tenant, or another one than is expected
 */
export async function publishEvidence(
  api: Signer,
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

async function signatureOf(api: Signer, facts: EvidenceFacts, now: Clock): Promise<EvidenceSignature | null> {
  if (api.evidenceKey === undefined) return null;
  const key = readSigningKey(await readKey(api.evidenceKey));
  const audience = requireAudience((await api.call('me.show')).tenantId, api.evidenceTenant);
  return signEvidence(facts, { audience, issuedAt: isoTime(now()) }, key);
}

/** The server is not believed: it could pass what is signed for another tenant on to that one. */
function requireAudience(named: unknown, expected: string | undefined): string {
  const parsed = idSchema.safeParse(named);
  if (!parsed.success) {
    throw new RocError('ROC_REFUSED', 'this server is older than signatures that name a tenant', {
      hint: 'Upgrade the server, or publish without client.evidenceKey: then it is listed as unsigned.',
    });
  }
  if (expected === undefined || parsed.data === expected) return parsed.data;
  throw new RocError(
    'ROC_REFUSED',
    `the server says this is the tenant ${parsed.data}, and evidence is signed for ${expected} only (client.evidenceTenant)`,
    {
      hint: 'Check the server and the credentials; if both are right, set client.evidenceTenant to `tenantId` of `roc whoami --json`.',
    },
  );
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
