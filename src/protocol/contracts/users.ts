/** People in a tenant: who they are, what they hold, and how they come in. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';
import { emailSchema } from './auth.js';

export const grantSchema = z.object({
  role: z.string(),
  /** Null: on the whole tenant. */
  project: z.string().nullable(),
  /** Null: on the whole project. */
  process: z.string().nullable(),
  /** `oidc`: follows the groups of the identity provider. */
  source: z.enum(['hand', 'oidc']),
});

const userSchema = z.object({
  id: idSchema,
  email: z.string(),
  state: z.enum(['active', 'suspended']),
  hasSecondFactor: z.boolean(),
  grants: z.array(grantSchema),
  createdAt: timeSchema,
});

/** Shown once. */
export const invitationSchema = z.object({ id: idSchema, token: z.string(), expiresAt: timeSchema });

/** Where a role is given: the whole tenant, a project, or a process (of the project `default` unless named). */
export const scopeFields = { project: nameSchema.optional(), process: nameSchema.optional() };

const invitation = z.strictObject({ email: emailSchema, role: nameSchema, ...scopeFields });
const params = z.object({ id: idSchema });

export const userContracts = {
  'users.list': { query: pageQuery, reply: pageOf(userSchema) },
  'users.show': { params, reply: userSchema },
  'users.create': { body: invitation, reply: invitationSchema },
  'users.invite': { body: invitation, reply: invitationSchema.omit({ token: true }) },
  /** The link is shown once, to hand over; not for somebody who is in other tenants, too. */
  'users.recover': {
    params,
    body: z.strictObject({ what: z.enum(['password', 'second-factor']) }),
    reply: invitationSchema,
  },
  'users.set': { params, body: z.strictObject({ suspended: z.boolean() }), reply: userSchema },
  'users.revoke': { params, reply: 'empty' },
} as const;
