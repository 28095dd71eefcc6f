/** Building blocks of the contracts: ids, times, pages, problems. */
import { z } from 'zod';

export const NO_ID = 'is no id (26 digits and capital letters)';

/** A ULID made by the server. */
export const idSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, NO_ID);
/** ISO 8601 UTC. */
export const timeSchema = z.iso.datetime();
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
});

export function pageOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** RFC 9457 problem details with roc's code and hint. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  instance: z.string().optional(),
  code: z.string(),
  hint: z.string(),
  requestId: z.string().optional(),
  /** With ROC_ALREADY_DONE: what was made by the first request. */
  id: idSchema.optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
