/** What a runner says to the server: every write about a job carries the epoch of its claim. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, timeSchema } from '../schemas.js';
import { jobErrorSchema, logLineSchema } from './jobs.js';

/** Raw 32-byte public key, base64url without padding. */
const publicKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const epochSchema = z.number().int().min(1);
const jobRef = z.object({ jobId: idSchema, epoch: epochSchema });
const idParams = z.object({ id: idSchema });
const platformSchema = z.enum(['linux', 'macos', 'windows']);

/** A secret as it is stored, and its data key wrapped for the runner of one job. */
const sealedSecretSchema = z.object({
  /** Nonce (12 bytes), AES-256-GCM ciphertext, tag (16), base64url. */
  sealed: z.string(),
  /** Bound into it: additional data, as canonical JSON. */
  context: z.record(z.string(), z.string()),
  wrappedKey: z.string(),
});

const hostFacts = {
  os: platformSchema,
  arch: z.string().max(32),
  version: z.string().max(64),
  labels: z.record(nameSchema, z.string().max(190)).default({}),
  slots: z.number().int().min(1).max(256).default(1),
};

function hasEachJobOnce(results: readonly { readonly jobId: string }[]): boolean {
  return new Set(results.map(({ jobId }) => jobId)).size === results.length;
}

/** One claimed job: where its package is, and what to run. The key is asked for apart, by `runner.key`. */
const jobOfferSchema = z.object({
  jobId: idSchema,
  epoch: epochSchema,
  attempt: z.number().int(),
  process: z.string(),
  environment: z.string(),
  package: z.object({
    /** Names the bytes were encrypted for. */
    tenantId: idSchema,
    project: z.string(),
    robot: z.string(),
    version: z.string(),
    digest: z.string(),
    sha256: z.string(),
    sizeBytes: z.number().int(),
    /** Path to GET the ciphertext from, or a presigned URL when the server says `direct`. */
    url: z.string(),
    /** Null where nobody signed it. */
    signature: z.object({ keyId: z.string(), publicKey: z.string(), signature: z.string() }).nullable(),
  }),
  entrypoint: z.array(z.string()),
  input: z.unknown(),
  timeoutMs: z.number().int(),
  leaseMs: z.number().int(),
});

const resultFields = {
  epoch: epochSchema,
  /** Made once by the runner and kept with the spooled result: the same id again is the same answer. */
  resultId: z.string().min(16).max(64),
  outcome: z.enum(['succeeded', 'failed', 'timed_out', 'canceled']),
  output: z.unknown().optional(),
  error: jobErrorSchema.nullable(),
};

export const runnerContracts = {
  'runner.register': {
    body: z.strictObject({
      token: z.string().max(200),
      name: nameSchema,
      signKey: publicKeySchema,
      boxKey: publicKeySchema,
      ...hostFacts,
    }),
    reply: z.object({ runnerId: idSchema, tenant: z.string(), pool: z.string(), audience: z.string() }),
  },
  'runner.token': {
    /** A JWT signed by the runner's Ed25519 key: typ roc-assertion+jwt, iss = sub = runner id, aud, jti, exp ≤ 60 s. */
    body: z.strictObject({ assertion: z.string().max(4096) }),
    reply: z.object({ accessToken: z.string(), expiresAt: timeSchema }),
  },
  'runner.session': {
    body: z.strictObject({
      bootId: z.string().max(64),
      ...hostFacts,
      running: z.array(jobRef).max(256).default([]),
    }),
    reply: z.object({
      sessionEpoch: epochSchema,
      heartbeatMs: z.number().int(),
      leaseMs: z.number().int(),
      /** Jobs that this runner may go on with, and those it must kill. */
      adopt: z.array(jobRef),
      abandon: z.array(jobRef),
    }),
  },
  'runner.leave': { query: z.object({ sessionEpoch: z.coerce.number().int() }), reply: 'empty' },
  'runner.poll': {
    body: z.strictObject({
      sessionEpoch: epochSchema,
      freeSlots: z.number().int().min(1).max(256),
      waitMs: z.number().int().min(0).max(25_000),
    }),
    reply: z.object({ jobs: z.array(jobOfferSchema), drain: z.boolean() }),
  },
  'runner.heartbeat': {
    body: z.strictObject({
      sessionEpoch: epochSchema,
      jobs: z
        .array(
          jobRef.extend({
            progress: z
              .object({ percent: z.number().min(0).max(100).nullable(), message: z.string().max(500) })
              .optional(),
          }),
        )
        .max(256),
    }),
    reply: z.object({
      renewed: z.array(jobRef),
      cancel: z.array(jobRef.extend({ graceMs: z.number().int() })),
      /** Leases that are no longer this runner's: kill the child, write nothing more. */
      lost: z.array(jobRef),
      drain: z.boolean(),
    }),
  },
  'runner.drain': { body: z.strictObject({ sessionEpoch: epochSchema }), reply: 'empty' },
  'runner.started': { params: idParams, body: z.strictObject({ epoch: epochSchema }), reply: 'empty' },
  'runner.key': {
    params: idParams,
    /** `exchange`: a JWT signed by the runner's Ed25519 key, as key-exchange.ts says. */
    body: z.strictObject({ epoch: epochSchema, exchange: z.string().max(4096) }),
    reply: z.object({ wrappedKey: z.string() }),
  },
  'runner.job-token': {
    params: idParams,
    body: z.strictObject({ epoch: epochSchema }),
    reply: z.object({
      token: z.string(),
      expiresAt: timeSchema,
      /** Of the assets that robot.yaml names, those that the job would not get. */
      problems: z.array(z.object({ asset: z.string(), message: z.string() })),
    }),
  },
  'runner.asset': {
    params: idParams.extend({ asset: nameSchema }),
    reply: z.discriminatedUnion('kind', [
      z.object({ id: idSchema, name: z.string(), kind: z.literal('text'), value: z.string() }),
      z.object({ id: idSchema, name: z.string(), kind: z.literal('secret'), ...sealedSecretSchema.shape }),
    ]),
  },
  'runner.package': {
    params: idParams,
    query: z.object({ epoch: z.coerce.number().int().min(1) }),
    reply: 'stream',
  },
  'runner.logs': {
    params: idParams,
    body: z.strictObject({
      epoch: epochSchema,
      lines: z
        .array(logLineSchema.omit({ attempt: true }))
        .min(1)
        .max(500),
    }),
    reply: z.object({ nextSeq: z.number().int() }),
  },
  'runner.complete': {
    params: idParams,
    body: z.strictObject(resultFields),
    reply: z.object({ state: z.string() }),
  },
  'runner.complete-many': {
    body: z.strictObject({
      results: z
        .array(z.strictObject({ jobId: idSchema, ...resultFields }))
        .min(1)
        .max(256)
        // A job has one result at a time; what is said of it twice could not be answered together.
        .refine(hasEachJobOnce, 'expected each job once: send another result of it apart'),
    }),
    /** In the order of the results. Anything but a lease that has ended fails all: then all are sent again. */
    reply: z.object({
      results: z.array(
        jobRef.extend({
          /** What the job came to; null where the lease had ended (`ROC_STALE_LEASE`): to be forgotten. */
          state: z.string().nullable(),
          code: z.literal('ROC_STALE_LEASE').nullable(),
        }),
      ),
    }),
  },
} as const;
