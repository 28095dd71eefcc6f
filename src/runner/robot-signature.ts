/** The publisher's signature of an offered robot, checked on the host that runs it, by keys of its own where it has some. */
import type { KeyObject } from 'node:crypto';
import { RocError } from '../kernel/errors.js';
import { isSignedBy, publisherKeyId, readPublisherKey } from '../protocol/package/signature.js';
import type { JobOffer } from './package-cache.js';

/**
 * The digest that was signed is the offer's; that the content has this very digest is checked when it is unpacked.
 * @throws RocError ROC_REFUSED
 */
export function requireSignature({ package: named }: JobOffer, publisherKeys: readonly KeyObject[]): void {
  const { signature: signed } = named;
  if (signed === null) {
    if (publisherKeys.length === 0) return;
    throw refused('it is not signed', 'Publish a version with --sign; this host runs nothing else.');
  }
  const known = new Map(publisherKeys.map((key) => [publisherKeyId(key), key]));
  const key = publisherKeys.length === 0 ? readPublisherKey(signed.publicKey) : known.get(signed.keyId);
  if (key === undefined) {
    throw refused(
      `this host does not trust the publisher's key ${signed.keyId}`,
      'See runner.publisherKeys of its roc.yaml.',
    );
  }
  if (!isSignedBy(named, signed.signature, key)) {
    throw refused(
      'its signature is not one of this content',
      'Publish it again under a new version, with --sign.',
    );
  }
}

function refused(why: string, hint: string): RocError {
  return new RocError('ROC_REFUSED', `the robot does not run: ${why}`, { hint });
}
