/** A publisher's signature of a version: over its names and the digest of its content, checked by server and runner. */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson } from '../../kernel/canonical-json.js';
import { RocError } from '../../kernel/errors.js';

export interface SignedVersion {
  readonly project: string;
  readonly robot: string;
  readonly version: string;
  /** `sha256:…` over the content, however it is compressed. */
  readonly digest: string;
}

export interface VersionSignature {
  readonly keyId: string;
  /** Ed25519, base64url. */
  readonly signature: string;
}

export function signVersion(version: SignedVersion, privateKey: KeyObject): VersionSignature {
  const signature = sign(null, signedBytes(version), privateKey).toString('base64url');
  return { keyId: publisherKeyId(createPublicKey(privateKey)), signature };
}

export function isSignedBy(version: SignedVersion, signature: string, publicKey: KeyObject): boolean {
  return verify(null, signedBytes(version), publicKey, Buffer.from(signature, 'base64url'));
}

/** Names a public key by what it is: SHA-256 of its DER form, the first 16 hex digits. */
export function publisherKeyId(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

/** @throws RocError ROC_INVALID_INPUT where it is no Ed25519 public key */
export function readPublisherKey(pem: string): KeyObject {
  return readEd25519(() => {
    // A private key would be taken, too: it has no business here.
    if (/PRIVATE/.test(pem)) throw new TypeError('private');
    return createPublicKey(pem);
  }, 'public');
}

/** @throws RocError ROC_INVALID_INPUT where it is no Ed25519 private key */
export function readSigningKey(pem: string): KeyObject {
  return readEd25519(() => createPrivateKey(pem), 'private');
}

function readEd25519(read: () => KeyObject, kind: 'public' | 'private'): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Told below, without what the text was.
  }
  throw new RocError('ROC_INVALID_INPUT', `this is no Ed25519 ${kind} key (PEM)`, {
    hint: 'Make a pair with `roc robots keygen`.',
  });
}

function signedBytes({ project, robot, version, digest }: SignedVersion): Buffer {
  return Buffer.from(canonicalJson({ roc: 'version-signature-v1', project, robot, version, digest }));
}
