/** Which version runs in which environment: append-only rows, a rollback is a new one. */
import { z } from 'zod';
import { nameSchema, versionSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

const deploymentSchema = z.object({
  id: idSchema,
  project: z.string(),
  robot: z.string(),
  version: z.string(),
  environment: z.string(),
  kind: z.enum(['deploy', 'rollback']),
  previousVersion: z.string().nullable(),
  active: z.boolean(),
  reason: z.string().nullable(),
  createdBy: z.string(),
  createdAt: timeSchema,
});

const robotAndEnvironment = {
  project: nameSchema.default('default'),
  robot: nameSchema,
  environment: nameSchema.default('dev'),
  reason: z.string().max(500).optional(),
};

export const deploymentContracts = {
  'deployments.list': {
    query: pageQuery.extend({
      project: nameSchema.optional(),
      robot: nameSchema.optional(),
      environment: nameSchema.optional(),
    }),
    reply: pageOf(deploymentSchema),
  },
  'deployments.create': {
    body: z.strictObject({ ...robotAndEnvironment, version: versionSchema }),
    reply: deploymentSchema.extend({ processCreated: z.boolean() }),
  },
  'deployments.rollback': {
    /** Without `version`: the one that was active before the present one. */
    body: z.strictObject({ ...robotAndEnvironment, version: versionSchema.optional() }),
    reply: deploymentSchema,
  },
} as const;
