/** The keys of the audit chain, derived from the secret that all nodes share outside the database. */
import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject } from 'node:crypto';
import { type AuditKeys, auditKeyId } from '../../protocol/audit/checkpoint.js';

export interface AuditSecrets {
  /** Seals each event. */
  readonly macKey: Buffer;
  /** Ed25519: signs checkpoints and exports. */
  readonly signKey: KeyObject;
  readonly keyId: string;
  readonly publicKeys: AuditKeys;
}

/** PKCS #8 of an Ed25519 key up to its 32 bytes (RFC 8410 §7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Whoever has only the database can neither seal an event nor sign a checkpoint. */
export function auditSecretsOf(secret: Buffer): AuditSecrets {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret, '', `roc audit ${purpose} v1`, 32));
  const der = Buffer.concat([PKCS8_ED25519, derive('checkpoint')]);
  const signKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(signKey);
  const keyId = auditKeyId(publicKey);
  return { macKey: derive('event'), signKey, keyId, publicKeys: new Map([[keyId, publicKey]]) };
}
