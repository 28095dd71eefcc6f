/** Where an environment demands it, only what a trusted publisher has signed is deployed or run. */
import { RocError } from '../../kernel/errors.js';
import { needsSignature, readSignatures } from '../store/publishers.js';
import type { Reader } from '../store/store.js';

/** @throws RocError ROC_REFUSED */
export async function requireSignature(
  reader: Reader,
  { environmentId, versionId }: { readonly environmentId: string; readonly versionId: string },
): Promise<void> {
  if (await needsSignature(reader, environmentId)) await requireTrusted(reader, versionId);
}

/** @throws RocError ROC_REFUSED where no trusted publisher has signed the version */
export async function requireTrusted(reader: Reader, versionId: string): Promise<void> {
  const signature = (await readSignatures(reader, [versionId])).get(versionId);
  if (signature?.isTrusted === true) return;
  const why = signature === undefined ? 'is not signed' : 'is signed by a publisher that is trusted no more';
  throw new RocError('ROC_REFUSED', `this environment demands signatures, and the version ${why}`, {
    hint: 'Publish a version with --sign, by a publisher of `roc publishers list`.',
  });
}
