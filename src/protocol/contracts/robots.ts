/** Robots and their versions. */
import { z } from 'zod';
import { nameSchema, versionSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

export const projectQuery = z.object({ project: nameSchema.default('default') });
const robotParams = z.object({ robot: nameSchema });
const versionParams = robotParams.extend({ version: versionSchema });

const robotSchema = z.object({
  id: idSchema,
  project: z.string(),
  name: z.string(),
  latestVersion: z.string().nullable(),
  versions: z.number().int(),
  createdAt: timeSchema,
});

const robotVersionSchema = z.object({
  id: idSchema,
  project: z.string(),
  robot: z.string(),
  version: z.string(),
  state: z.enum(['published', 'yanked']),
  /** Digest of the content, independent of compression. */
  digest: z.string(),
  /** SHA-256 of the package's bytes, lower-case hex. */
  sha256: z.string(),
  sizeBytes: z.number().int(),
  entrypoint: z.array(z.string()),
  platforms: z.array(z.string()),
  inputs: z.record(z.string(), z.unknown()).nullable(),
  timeoutMs: z.number().int(),
  idempotent: z.boolean(),
  /** Names of the assets that it reads. */
  assets: z.array(z.string()),
  description: z.string().nullable(),
  /** Id of the publisher's key that signed it. */
  signedBy: z.string().nullable(),
  createdBy: z.string(),
  createdAt: timeSchema,
});

export const robotContracts = {
  'robots.list': {
    query: pageQuery.extend({ project: nameSchema.optional() }),
    reply: pageOf(robotSchema),
  },
  'versions.list': {
    params: robotParams,
    query: pageQuery.extend(projectQuery.shape),
    reply: pageOf(robotVersionSchema),
  },
  'versions.show': { params: versionParams, query: projectQuery, reply: robotVersionSchema },
  'versions.publish': {
    params: versionParams,
    // The digests let a lost or changed byte be refused; the server computes both again.
    query: projectQuery.extend({
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
      /** Of the publisher, with `signature`: Ed25519 over the names and the digest of the content. */
      keyId: z.string().max(64).optional(),
      signature: z
        .string()
        .regex(/^[A-Za-z0-9_-]{86}$/)
        .optional(),
    }),
    body: 'stream',
    reply: robotVersionSchema.extend({ created: z.boolean() }),
  },
  'versions.pull': { params: versionParams, query: projectQuery, reply: 'stream' },
  'versions.yank': { params: versionParams, query: projectQuery, reply: robotVersionSchema },
} as const;
