/** Signing in, staying signed in, and who the caller is. */
import { z } from 'zod';
import { PERMISSIONS } from '../permissions.js';
import { idSchema, timeSchema } from '../schemas.js';

/** Longer passwords are refused before they are hashed: hashing a megabyte is a denial of service. */
const passwordSchema = z.string().min(1).max(256);

const sessionSchema = z.object({
  accessToken: z.string(),
  expiresAt: timeSchema,
  refreshToken: z.string(),
  user: z.object({ id: idSchema, email: z.string() }),
  tenant: z.string(),
});

export const authContracts = {
  'auth.login': {
    body: z.strictObject({
      email: z.string().min(3).max(254),
      password: passwordSchema,
      tenant: z.string().max(64).optional(),
    }),
    reply: sessionSchema,
  },
  'auth.refresh': { body: z.strictObject({ refreshToken: z.string().max(200) }), reply: sessionSchema },
  'auth.logout': { reply: 'empty' },
  'me.show': {
    reply: z.object({
      kind: z.enum(['user', 'key']),
      id: idSchema,
      email: z.string().nullable(),
      tenant: z.string(),
      roles: z.array(z.string()),
      permissions: z.array(z.enum(PERMISSIONS)),
    }),
  },
} as const;
