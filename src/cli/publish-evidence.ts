/** Sends what a check found to the server: what `--publish` of the operations commands does. */
import { canonicalSha256 } from '../kernel/canonical-json.js';
import type { Client } from '../protocol/client.js';
import type { BodyOf, ReplyOf } from '../protocol/contracts.js';

export type Finding = Omit<BodyOf<'evidence.publish'>, 'sha256' | 'signature'>;

/**
 * @returns what the server recorded
 * @throws RocError ROC_TOO_LARGE beyond 5 MB, ROC_FORBIDDEN, ROC_UNREACHABLE
 */
export function publishEvidence(api: Client, finding: Finding): Promise<ReplyOf<'evidence.publish'>> {
  // What JSON leaves out (undefined members) must not be in the digest either.
  const body: unknown = JSON.parse(JSON.stringify(finding.body ?? null));
  return api.call('evidence.publish', {
    body: { ...finding, body, sha256: canonicalSha256(body), signature: null },
  });
}
