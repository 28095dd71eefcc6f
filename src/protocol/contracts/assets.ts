/** Assets: values that robots and people of a project share; secrets are shown to nobody who does not ask for them. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';
import { projectQuery } from './robots.js';

const assetParams = z.object({ asset: nameSchema });
/** Without an environment: the one that is shared by all that have none of their own. */
const assetQuery = projectQuery.extend({ environment: nameSchema.optional() });
const granteeSchema = z.strictObject({
  /** Without one: every process of the project. */
  process: nameSchema.optional(),
});
const valueSchema = z.string().max(65_536);

const assetSchema = z.object({
  id: idSchema,
  project: z.string(),
  name: z.string(),
  /** Whose jobs it is for; null where it serves every environment that has none of its own. */
  environment: z.string().nullable(),
  kind: z.enum(['text', 'secret']),
  /** Processes whose jobs get it; `*` is every process of the project. A text is for all of them anyway. */
  grants: z.array(z.string()),
  /** Null for a secret. */
  value: z.string().nullable(),
  updatedBy: z.string(),
  updatedAt: timeSchema,
});

export const assetContracts = {
  'assets.list': { query: pageQuery.extend(projectQuery.shape), reply: pageOf(assetSchema) },
  'assets.show': { params: assetParams, query: assetQuery, reply: assetSchema },
  'assets.set': {
    params: assetParams,
    query: assetQuery,
    body: z.strictObject({ kind: z.enum(['text', 'secret']).default('text'), value: valueSchema }),
    reply: assetSchema,
  },
  /** The value of a secret; that it was asked for is told in the audit chain. */
  'assets.reveal': {
    params: assetParams,
    query: assetQuery,
    reply: z.object({ id: idSchema, name: z.string(), value: z.string() }),
  },
  'assets.delete': { params: assetParams, query: assetQuery, reply: 'empty' },
  'assets.grant': { params: assetParams, query: assetQuery, body: granteeSchema, reply: assetSchema },
  'assets.revoke': { params: assetParams, query: assetQuery, body: granteeSchema, reply: assetSchema },
} as const;
