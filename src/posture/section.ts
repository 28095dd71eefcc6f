/** The `posture` section of roc.yaml. */
import { z } from 'zod';

export const postureSectionSchema = z.strictObject({
  policy: z.string().min(1).optional().describe('policy file; the shipped one by default'),
  buckets: z.array(z.string().min(1)).default([]).describe("buckets to look at beside the stack's"),
});
