/** The `client` section of roc.yaml: what client commands take where neither flag nor environment says it. */
import { z } from 'zod';
import { nameSchema } from '../protocol/names.js';
import { idSchema } from '../protocol/schemas.js';

export const clientSectionSchema = z.strictObject({
  url: z.string().optional().describe('server that client commands talk to, before the one signed in to'),
  evidenceKey: z
    .string()
    .optional()
    .describe(
      'private key (PEM) that --publish signs evidence with; its public half is trusted with `roc publishers add --for evidence`',
    ),
  evidenceTenant: idSchema
    .optional()
    .describe('id of the one tenant that evidence is signed for; without it, the one that the server names'),
  project: nameSchema.default('default').describe('project of robots, processes and jobs'),
  environment: nameSchema.default('dev').describe('environment of deploy, rollback and jobs start'),
});
