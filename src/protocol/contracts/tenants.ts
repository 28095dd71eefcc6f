/** Tenants: customers or divisions that share an installation and nothing else. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';
import { emailSchema } from './auth.js';
import { invitationSchema } from './users.js';

const tenantSchema = z.object({
  id: idSchema,
  name: z.string(),
  /** `deleted`: closed, and emptied at `purgeAt`; until then it can be resumed. */
  state: z.enum(['active', 'paused', 'deleted', 'purged']),
  createdAt: timeSchema,
  purgeAt: timeSchema.nullable(),
  /** People without a second factor may enrol one and nothing else; those of an identity provider are its affair. */
  needsSecondFactor: z.boolean(),
});

const params = z.object({ tenant: nameSchema });

export const tenantContracts = {
  'tenants.list': { query: pageQuery, reply: pageOf(tenantSchema) },
  'tenants.show': { params, reply: tenantSchema },
  'tenants.create': {
    /** `owner` is invited; the invitation is in the reply, once. */
    body: z.strictObject({ name: nameSchema, owner: emailSchema }),
    reply: tenantSchema.extend({ invitation: invitationSchema }),
  },
  'tenants.set': { params, body: z.strictObject({ needsSecondFactor: z.boolean() }), reply: tenantSchema },
  'tenants.pause': { params, reply: tenantSchema },
  'tenants.resume': { params, reply: tenantSchema },
  'tenants.delete': {
    params,
    query: z.object({ keepDays: z.coerce.number().int().min(0).max(3650).default(30) }),
    reply: tenantSchema,
  },
} as const;
