/** The audit chain: read, taken away whole, proven by signed checkpoints. */
import { z } from 'zod';
import { checkpointSchema } from '../audit/checkpoint.js';
import { pageOf, pageQuery, timeSchema } from '../schemas.js';

const stateSchema = z.record(z.string(), z.unknown()).nullable();

const eventSchema = z.object({
  v: z.literal(1),
  tenant: z.string(),
  seq: z.number().int(),
  at: timeSchema,
  actor: z.object({
    kind: z.enum(['user', 'key', 'runner', 'system', 'anonymous']),
    id: z.string().nullable(),
    name: z.string(),
  }),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }).nullable(),
  outcome: z.enum(['done', 'refused']),
  before: stateSchema,
  after: stateSchema,
  hash: z.string(),
});

export const auditContracts = {
  'audit.list': {
    query: pageQuery.extend({
      action: z.string().max(64).optional(),
      /** Id or name of a user, key or runner. By name a page may be short, or empty, and go on all the same. */
      actor: z.string().max(190).optional(),
      /** Id or name of what was changed; a robot's name finds its versions, too. */
      target: z.string().max(190).optional(),
    }),
    reply: pageOf(eventSchema),
  },
  'audit.export': { reply: 'stream' },
  'audit.checkpoint': { reply: checkpointSchema },
  /** What the database says now, held to what the chain tells. */
  'audit.state': {
    reply: z.object({
      checked: z.object({ grants: z.number().int(), jobs: z.number().int() }),
      isWhole: z.boolean(),
      problems: z.array(
        z.object({
          kind: z.enum(['grant', 'role', 'environment', 'publisher', 'runner', 'job']),
          id: z.string(),
          message: z.string(),
        }),
      ),
      /** What cannot be judged. */
      notes: z.array(z.string()),
    }),
  },
  'audit.keys': {
    /** Ed25519 public keys, PEM. */
    reply: z.object({ items: z.array(z.object({ id: z.string(), publicKey: z.string() })) }),
  },
} as const;
