/** Signed statements of how far a tenant's audit chain had come: what cannot be made again without the server's key. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, canonicalSha256 } from '../../kernel/canonical-json.js';

const hex = z.string().regex(/^[0-9a-f]{64}$/);

export const checkpointSchema = z.strictObject({
  v: z.literal(1),
  tenant: z.string().min(1).max(64),
  /** From 1, without gaps in a tenant. */
  number: z.number().int().min(1),
  /** The last event that it covers; 0 for none yet. */
  seq: z.number().int().min(0),
  /** The hash of that event. */
  hash: hex,
  at: z.iso.datetime(),
  /** SHA-256 of the checkpoint before, zeros for the first. */
  previous: hex,
  /** Longest time that may lie between two checkpoints while the server runs. */
  intervalMs: z.number().int().min(1),
  keyId: z.string().min(1).max(64),
  /** Ed25519 over the canonical JSON of all other members, base64url. */
  signature: z.string().length(86),
});

export type Checkpoint = z.output<typeof checkpointSchema>;
export type UnsignedCheckpoint = Omit<Checkpoint, 'keyId' | 'signature'>;

/** Public keys by id. */
export type AuditKeys = ReadonlyMap<string, KeyObject>;

/** Names a public key by what it is: SHA-256 of its DER form, the first 16 hex digits. */
export function auditKeyId(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('hex').slice(0, 16);
}

export function signCheckpoint(unsigned: UnsignedCheckpoint, privateKey: KeyObject): Checkpoint {
  const named = { ...unsigned, keyId: auditKeyId(createPublicKey(privateKey)) };
  const signature = sign(null, Buffer.from(canonicalJson(named)), privateKey).toString('base64url');
  return { ...named, signature };
}

/** As signCheckpoint, by a key that is not at hand. */
export async function signCheckpointBy(
  named: Omit<Checkpoint, 'signature'>,
  signBytes: (bytes: Buffer) => Promise<Buffer>,
): Promise<Checkpoint> {
  const signature = await signBytes(Buffer.from(canonicalJson(named)));
  return { ...named, signature: signature.toString('base64url') };
}

/** Whether one of the given keys signed it. */
export function isSigned({ signature, ...named }: Checkpoint, keys: AuditKeys): boolean {
  const key = keys.get(named.keyId);
  if (key === undefined) return false;
  return verify(null, Buffer.from(canonicalJson(named)), key, Buffer.from(signature, 'base64url'));
}

export function checkpointDigest(checkpoint: Checkpoint): string {
  return canonicalSha256(checkpoint);
}
