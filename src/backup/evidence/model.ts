/** Evidence as a file: what was checked, by whom, with what outcome; chained to the report before it, and signed. */
import { z } from 'zod';

const verdict = z.enum(['pass', 'fail', 'inconclusive']);
const ms = z.number();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const facts = z.record(z.string(), z.unknown());

const covered = z.strictObject({
  tables: ms,
  rows: ms,
  rowsChecked: ms,
  bytesChecked: ms,
  detection: z.number(),
});

const point = z.strictObject({
  kind: z.enum(['automated', 'manual', 'aws-backup', 'pitr']),
  id: z.string(),
  arn: z.string().nullable(),
  source: z.string(),
  at: ms,
  status: z.string(),
  encrypted: z.boolean(),
  kmsKeyId: z.string().nullable(),
  sizeGb: z.number().nullable(),
  engineVersion: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
});

const check = z.strictObject({
  id: z.string(),
  verdict,
  expected: z.string(),
  actual: z.string(),
  seconds: z.number(),
  critical: z.boolean(),
  details: facts.optional(),
  covered: covered.optional(),
});

const manifest = z.strictObject({
  id: z.string(),
  file: z.string(),
  sha256: z.string(),
  takenAt: ms,
  mode: z.enum(['exact', 'append-only', 'mutable']),
});

/** {@link EvidenceInput} as it is read back. */
const body = z.strictObject({
  run: z.string(),
  tool: z.strictObject({ name: z.literal('roc'), version: z.string() }),
  operator: z.strictObject({ account: z.string().nullable(), arn: z.string().nullable() }),
  policy: z.strictObject({
    id: z.string(),
    approvedBy: z.string().nullable(),
    approvedOn: z.string().nullable(),
    sha256: z.string(),
  }),
  asset: z.strictObject({
    id: z.string(),
    type: z.enum(['rds-mysql', 's3', 'config']),
    source: z.string(),
    region: z.string(),
  }),
  point: point.nullable(),
  manifest: manifest.nullable(),
  instance: z.strictObject({ id: z.string(), class: z.string(), multiAz: z.boolean() }).nullable(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  rto: z
    .strictObject({ target: ms, connect: ms.nullable(), critical: ms.nullable(), full: ms.nullable() })
    .nullable(),
  rpo: z
    .strictObject({
      target: ms,
      measured: ms.nullable(),
      from: z.enum(['gap', 'restorable-time', 'heartbeat']).nullable(),
    })
    .nullable(),
  checks: z.array(check),
  coverage: covered.nullable(),
  exclusions: z.array(z.strictObject({ name: z.string(), reason: z.string() })),
  deviations: z.array(z.string()),
  timeline: z.array(z.strictObject({ at: z.string(), event: z.string(), detail: facts })),
  requests: z.array(z.strictObject({ call: z.string(), requestId: z.string() })),
  journalSha256: z.string().nullable(),
  seed: z.string().nullable(),
  cleanup: z.strictObject({
    verdict: z.enum(['done', 'kept', 'failed', 'nothing-to-do']),
    leftovers: z.array(z.string()),
    goneAt: z.string().nullable(),
  }),
  costUsd: z.number().nullable(),
  verdict,
});

export const signatureSchema = z.strictObject({
  algorithm: z.enum(['ed25519', 'ecdsa-p256-sha256']),
  keyId: z.string().max(2048),
  /** SPKI, DER, base64: to check the file against itself; whose key it is, only a key from elsewhere can say. */
  publicKey: z.string().max(1000),
  value: z.string().max(1000),
});

export const evidenceSchema = z.strictObject({
  kind: z.literal('roc-backup-evidence'),
  version: z.literal(1),
  /** Place in the chain of its folder, from 1, and SHA-256 of the file before it; null for the first. */
  chain: z.strictObject({ number: z.int().positive(), previous: sha256.nullable() }),
  report: body,
  signature: signatureSchema,
});

export type Evidence = z.output<typeof evidenceSchema>;
export type EvidenceReport = Evidence['report'];
export type Signature = z.output<typeof signatureSchema>;
