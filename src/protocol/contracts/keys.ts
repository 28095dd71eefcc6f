/** API keys for programs of others: what they may do, how often, how long. */
import { z } from 'zod';
import { PERMISSIONS } from '../permissions.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

const scopesSchema = z.array(z.enum(PERMISSIONS)).min(1).max(PERMISSIONS.length);
const idParams = z.object({ id: idSchema });

const quota = {
  /** Requests a second, over all nodes. */
  rps: z.number().int().min(1).max(10_000),
  /** Requests a UTC day; null for no limit but the rate. */
  daily: z.number().int().min(1).max(1_000_000_000).nullable(),
};

const keySchema = z.object({
  id: idSchema,
  consumer: z.string(),
  /** The eight characters of the key that may be shown. */
  prefix: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  scopes: z.array(z.string()),
  ...quota,
  createdBy: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  lastUsedAt: timeSchema.nullable(),
});

export const keyContracts = {
  'keys.create': {
    body: z.strictObject({
      consumer: z
        .string()
        .regex(
          /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u,
          'expected letters, digits, spaces, ".", "_" and "-", at most 100',
        ),
      scopes: scopesSchema,
      rps: quota.rps.default(10),
      daily: quota.daily.default(null),
      lifeDays: z.number().int().min(1).max(3650).default(365),
    }),
    reply: keySchema.extend({ key: z.string() }),
  },
  'keys.list': {
    query: pageQuery.extend({ prefix: z.string().max(8).optional() }),
    reply: pageOf(keySchema),
  },
  'keys.revoke': { params: idParams, reply: 'empty' },
  'keys.usage': {
    params: idParams,
    query: z.object({ days: z.coerce.number().int().min(1).max(400).default(30) }),
    reply: z.object({
      items: z.array(
        z.object({
          /** 2026-03-01, UTC. */
          day: z.string(),
          routeClass: z.string(),
          requests: z.number().int(),
          denied: z.number().int(),
        }),
      ),
    }),
  },
} as const;
