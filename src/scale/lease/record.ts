/** What stands in the lease: who acts, with which fencing number, what is half done, and what decisions remember. */
import { z } from 'zod';

/** A scale-in that has begun. Each step is written down before it is taken. */
const scaleInSchema = z.object({
  group: z.string(),
  instanceId: z.string(),
  zone: z.string(),
  /** Its server is told to rest first; not so for what runs no jobs. */
  restsServer: z.boolean(),
  /** When the server was last heard of before it was told to drain, and in the first beat after that. */
  beats: z.object({ node: z.string(), told: z.string(), after: z.string().nullable() }).nullable(),
  targetGroupArns: z.array(z.string()),
  /** Desired capacity before and after it. */
  before: z.number().int(),
  after: z.number().int(),
  step: z.enum(['draining', 'deregistering', 'terminating', 'undoing']),
  startedAt: z.number(),
  deadline: z.number(),
  reasons: z.array(z.string()),
  inputsHash: z.string(),
  policyHash: z.string(),
  requests: z.array(z.object({ call: z.string(), requestId: z.string().nullable() })),
  /** Why it is undone. */
  why: z.string().nullable(),
});

export type ScaleIn = Readonly<z.output<typeof scaleInSchema>>;

const leaseRecordSchema = z.object({
  version: z.literal(1),
  /** Null where its holder let go of it. */
  holder: z.string().nullable(),
  /** Goes up by one with each new holder and never down. */
  fence: z.number().int().min(1),
  /** Goes up with each writing: no two contents are the same, and so no two ETags. */
  turn: z.number().int().default(0),
  ttlMs: z.number().positive(),
  operation: scaleInSchema.nullable(),
  /** After a scale-in that was undone: none before this instant. */
  restUntil: z.number(),
  /** What decide remembers; null before the first decision. */
  state: z.unknown().nullable(),
});

export type LeaseRecord = Readonly<z.output<typeof leaseRecordSchema>>;

/** Null for what is no lease: nobody may act on it before a person has looked. */
export function readLeaseRecord(content: string): LeaseRecord | null {
  try {
    return leaseRecordSchema.safeParse(JSON.parse(content)).data ?? null;
  } catch {
    return null;
  }
}
