/** A process: a robot as it is run, with its pool, time-out, retries and what becomes of a lost job. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';
import { projectQuery } from './robots.js';

export const onLostSchema = z.enum(['retry', 'fail', 'hold']);

const processSchema = z.object({
  id: idSchema,
  project: z.string(),
  name: z.string(),
  robot: z.string(),
  pool: z.string(),
  priority: z.number().int(),
  /** Null: the robot's own. */
  timeoutMs: z.number().int().nullable(),
  /** Attempts in all, the first one included, for failed or lost ones that may be retried. */
  maxAttempts: z.number().int(),
  /** Null: `retry` where the deployed version says it is idempotent, else `hold`. */
  onLost: onLostSchema.nullable(),
  /** Only members of the process, and roles that see private ones, know of it. */
  isPrivate: z.boolean(),
  createdAt: timeSchema,
  active: z.array(z.object({ environment: z.string(), version: z.string() })),
});

export const processContracts = {
  'processes.list': {
    query: pageQuery.extend({ project: nameSchema.optional() }),
    reply: pageOf(processSchema),
  },
  'processes.show': { params: z.object({ process: nameSchema }), query: projectQuery, reply: processSchema },
  'processes.set': {
    params: z.object({ process: nameSchema }),
    query: projectQuery,
    body: z.strictObject({
      robot: nameSchema.optional(),
      pool: nameSchema.optional(),
      /** 0 (first) to 9 (last). */
      priority: z.number().int().min(0).max(9).optional(),
      timeoutMs: z
        .number()
        .int()
        .min(1000)
        .max(7 * 86_400_000)
        .nullable()
        .optional(),
      maxAttempts: z.number().int().min(1).max(20).optional(),
      onLost: onLostSchema.nullable().optional(),
      isPrivate: z.boolean().optional(),
    }),
    reply: processSchema,
  },
} as const;
