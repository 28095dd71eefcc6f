/** Roles: sets of permissions, and who holds them where. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { PERMISSIONS } from '../permissions.js';
import { emailSchema } from './auth.js';
import { grantSchema, scopeFields } from './users.js';

const roleSchema = z.object({
  name: z.string(),
  isBuiltIn: z.boolean(),
  permissions: z.array(z.enum(PERMISSIONS)),
  /** How many people hold it anywhere in the tenant. */
  holders: z.number().int(),
});

const params = z.object({ role: nameSchema });
const holder = z.strictObject({ user: emailSchema, ...scopeFields });
const holding = z.object({ user: z.string(), grants: z.array(grantSchema) });

export const roleContracts = {
  'roles.list': { reply: z.object({ items: z.array(roleSchema), nextCursor: z.null() }) },
  'roles.create': {
    body: z.strictObject({
      name: nameSchema,
      permissions: z.array(z.enum(PERMISSIONS)).min(1).max(PERMISSIONS.length),
    }),
    reply: roleSchema,
  },
  'roles.delete': { params, reply: 'empty' },
  'roles.grant': { params, body: holder, reply: holding },
  'roles.revoke': { params, body: holder, reply: holding },
} as const;
