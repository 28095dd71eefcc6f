/** Assets: values that robots and people of a project share; secrets are shown to nobody who does not ask for them. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';
import { projectQuery } from './robots.js';

const assetParams = z.object({ asset: nameSchema });
const valueSchema = z.string().max(65_536);

const assetSchema = z.object({
  id: idSchema,
  project: z.string(),
  name: z.string(),
  kind: z.enum(['text', 'secret']),
  /** Null for a secret. */
  value: z.string().nullable(),
  updatedBy: z.string(),
  updatedAt: timeSchema,
});

export const assetContracts = {
  'assets.list': { query: pageQuery.extend(projectQuery.shape), reply: pageOf(assetSchema) },
  'assets.show': { params: assetParams, query: projectQuery, reply: assetSchema },
  'assets.set': {
    params: assetParams,
    query: projectQuery,
    body: z.strictObject({ kind: z.enum(['text', 'secret']).default('text'), value: valueSchema }),
    reply: assetSchema,
  },
  /** The value of a secret; that it was asked for is told in the audit chain. */
  'assets.reveal': {
    params: assetParams,
    query: projectQuery,
    reply: z.object({ id: idSchema, name: z.string(), value: z.string() }),
  },
  'assets.delete': { params: assetParams, query: projectQuery, reply: 'empty' },
} as const;
