/** The keys of the audit chain, derived from the secret that all nodes share outside the database. */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';
import { type AuditKeys, auditKeyId } from '../../protocol/audit/checkpoint.js';
import type { SigningKeys } from '../auth/signing-keys.js';
import type { Sign } from '../aws/kms-signing.js';

export interface AuditSecrets {
  /** Seals each event. */
  readonly macKey: Buffer;
  /** Ed25519: signs checkpoints and exports. */
  readonly signKey: KeyObject;
  readonly keyId: string;
  /** Of all that has signed or may sign: the derived key, and keys of the ring that KMS keeps. */
  readonly publicKeys: AuditKeys;
  /** Signs checkpoints: the key of the ring where KMS keeps it, else the derived one. */
  signer(): { readonly keyId: string; readonly sign: Sign };
}

/** What the ring of signing keys adds. */
export type KmsKeys = Pick<SigningKeys, 'active' | 'kmsPublicKeys'>;

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Whoever has only the database can neither seal an event nor sign a checkpoint. */
export function auditSecretsOf(secret: Buffer, ring?: KmsKeys): AuditSecrets {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `roc audit ${purpose} v1`, 32));
  const der = Buffer.concat([PKCS8_ED25519, derive('checkpoint')]);
  const signKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(signKey);
  const keyId = auditKeyId(publicKey);
  return {
    macKey: derive('event'),
    signKey,
    keyId,
    get publicKeys() {
      const others = ring?.kmsPublicKeys ?? [];
      return new Map([publicKey, ...others].map((key) => [auditKeyId(key), key]));
    },
    signer: () => {
      const active = ring?.active;
      return active?.isInKms
        ? { keyId: auditKeyId(active.publicKey), sign: active.sign }
        : { keyId, sign: async (bytes) => sign(null, bytes, signKey) };
    },
  };
}
