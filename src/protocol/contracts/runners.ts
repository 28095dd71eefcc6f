/** Runners as people see them. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

const runnerSchema = z.object({
  id: idSchema,
  name: z.string(),
  pool: z.string(),
  state: z.enum(['online', 'offline', 'draining']),
  os: z.string(),
  arch: z.string(),
  version: z.string(),
  labels: z.record(z.string(), z.string()),
  slots: z.number().int(),
  busy: z.number().int(),
  lastSeenAt: timeSchema.nullable(),
  createdAt: timeSchema,
});

const idParams = z.object({ id: idSchema });

export const runnersContracts = {
  'runners.list': { query: pageQuery.extend({ pool: nameSchema.optional() }), reply: pageOf(runnerSchema) },
  'runners.token': {
    body: z.strictObject({ pool: nameSchema.default('default') }),
    reply: z.object({ id: idSchema, token: z.string(), expiresAt: timeSchema }),
  },
  'runners.drain': { params: idParams, reply: runnerSchema },
  'runners.remove': { params: idParams, reply: 'empty' },
} as const;
