/** The `scale` section of roc.yaml: where roc scale keeps its policy, state, lease and audit. */
import { z } from 'zod';

export const scaleSectionSchema = z.strictObject({
  policy: z.string().min(1).optional().describe('policy file; the shipped one by default'),
  dir: z.string().min(1).default('.roc/scale').describe('state and audit of this host'),
  bucket: z
    .string()
    .min(1)
    .optional()
    .describe("S3 bucket of the lease and the state; the stack's robotsBucket by default"),
  prefix: z.string().default('roc-scale').describe('prefix of their keys'),
  server: z.string().min(1).optional().describe('URL of the server whose nodes are drained'),
});

export type ScaleSection = z.output<typeof scaleSectionSchema>;
