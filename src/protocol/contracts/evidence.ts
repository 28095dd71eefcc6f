/** Evidence: what a check found, as one envelope for all rooms, kept for auditors. */
import { z } from 'zod';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

/** Of a whole envelope. */
export const MAX_EVIDENCE_BYTES = 5 * 1024 * 1024;

const hex = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in lower-case hex');
const kindSchema = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected a word such as backup-verify');

/** As evidence was signed before it said for whom; such a one is refused by name, and what was taken can still be verified. */
const formerSignatureSchema = z.strictObject({
  /** Of a key that the tenant trusts for evidence. */
  keyId: z.string().min(1).max(64),
  /**
   * Ed25519 over the canonical JSON (RFC 8785) of the envelope without `signature` and `body`, and with
   * `"roc": "evidence-signature-v1"`; base64url.
   */
  value: z.string().length(86),
});

const signatureSchema = formerSignatureSchema.extend({
  /** Id of the tenant that it is for (`tenantId` of `/api/v1/me`). */
  audience: idSchema,
  /** When it was signed. */
  issuedAt: timeSchema,
  /**
   * Ed25519 over the canonical JSON (RFC 8785) of the envelope without `body` and without `signature.value`, and with
   * `"roc": "evidence-signature-v2"`; base64url.
   */
  value: z.string().length(86),
});

const facts = {
  /** Which check: `backup-verify`, `vulns-report`, `posture-check`. */
  kind: kindSchema,
  generatedAt: timeSchema,
  /** What was looked at: an account and region, a database. */
  scope: z.string().min(1).max(500),
  /** SHA-256 of the policy that judged, where one did. */
  policyHash: hex.nullable(),
  verdict: z.enum(['pass', 'fail', 'unknown']),
  /** A few figures for lists and dashboards. */
  summary: z.record(z.string().max(64), z.union([z.string().max(500), z.number(), z.boolean(), z.null()])),
  /** Of the canonical JSON (RFC 8785) of `body`. */
  sha256: hex,
};

export type EvidenceSignature = z.output<typeof signatureSchema>;

const anySignature = z
  .union([signatureSchema, formerSignatureSchema], {
    error: 'expected keyId, audience (a ULID), issuedAt (ISO 8601 UTC) and value (86 characters), or null',
  })
  .nullable();

/** As it is sent and kept. */
export const evidenceEnvelopeSchema = z.strictObject({
  ...facts,
  signature: anySignature,
  body: z.unknown(),
});
export type EvidenceEnvelope = z.output<typeof evidenceEnvelopeSchema>;

const evidenceSchema = z.object({
  id: idSchema,
  ...facts,
  signature: anySignature,
  /** Whose key signed it; null for what is not signed. */
  signedBy: z
    .object({ name: z.string(), keyId: z.string(), state: z.enum(['trusted', 'revoked']) })
    .nullable(),
  sizeBytes: z.number().int(),
  createdBy: z.string(),
  createdAt: timeSchema,
});

const idParams = z.object({ id: idSchema });

export const evidenceContracts = {
  'evidence.publish': {
    body: evidenceEnvelopeSchema,
    bodyBytes: MAX_EVIDENCE_BYTES,
    /** Not created: the same finding under the same key was here before, and this is how it was recorded then. */
    reply: evidenceSchema.extend({ created: z.boolean() }),
  },
  'evidence.list': {
    query: pageQuery.extend({
      kind: kindSchema.optional(),
      verdict: facts.verdict.optional(),
      scope: z.string().max(500).optional(),
    }),
    reply: pageOf(evidenceSchema),
  },
  'evidence.show': { params: idParams, reply: evidenceSchema },
  /** The envelope as it was published. */
  'evidence.content': { params: idParams, reply: 'stream' },
} as const;
