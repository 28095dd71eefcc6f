/** Signing in, staying signed in, and who the caller is. */
import { z } from 'zod';
import { PERMISSIONS } from '../permissions.js';
import { idSchema, timeSchema } from '../schemas.js';

/** Longer passwords are refused before they are hashed: hashing a megabyte is a denial of service. */
const passwordSchema = z.string().min(1).max(256);

/** One address; what no address holds (spaces, control characters, line ends) is refused before anything is made of it. */
export const emailSchema = z
  .string()
  .min(3)
  .max(254)
  .regex(
    /^[^\s\p{Cc}\p{Cf}@<>"(),:;\\[\]]+@[^\s\p{Cc}\p{Cf}@<>"(),:;\\[\]]+$/u,
    'expected one e-mail address',
  );

const oneTimeToken = z.string().min(1).max(100);

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
      /** The six digits of the second factor, or one of its recovery codes. */
      otp: z.string().max(32).optional(),
    }),
    reply: sessionSchema,
  },
  'auth.refresh': { body: z.strictObject({ refreshToken: z.string().max(200) }), reply: sessionSchema },
  'auth.logout': { reply: 'empty' },
  'auth.sso': {
    /** The code that the browser brought to the waiting command, and the secret whose hash it began with. */
    body: z.strictObject({ code: z.string().length(43), verifier: z.string().min(43).max(128) }),
    reply: sessionSchema,
  },
  'auth.accept': {
    /** The password is chosen here, or, where the account has one already, proves that it is its owner who accepts. */
    body: z.strictObject({ token: oneTimeToken, password: passwordSchema }),
    reply: z.object({
      kind: z.enum(['invite', 'password', 'second-factor']),
      email: z.string(),
      tenant: z.string().nullable(),
    }),
  },
  'auth.recover': {
    body: z.strictObject({ email: emailSchema, what: z.enum(['password', 'second-factor']) }),
    reply: 'empty',
  },
  'me.password': { body: z.strictObject({ current: passwordSchema, next: passwordSchema }), reply: 'empty' },
  'me.factor-enrol': {
    body: z.strictObject({ password: passwordSchema }),
    /** Shown once; counts from the first right code on. */
    reply: z.object({ id: idSchema, secret: z.string(), uri: z.string() }),
  },
  'me.factor-confirm': {
    body: z.strictObject({ otp: z.string().max(32) }),
    reply: z.object({ id: idSchema, recoveryCodes: z.array(z.string()) }),
  },
  'me.factor-remove': {
    body: z.strictObject({ password: passwordSchema, otp: z.string().max(32) }),
    reply: 'empty',
  },
  'me.show': {
    reply: z.object({
      kind: z.enum(['user', 'key']),
      id: idSchema,
      email: z.string().nullable(),
      tenant: z.string(),
      tenantId: idSchema,
      roles: z.array(z.string()),
      permissions: z.array(z.enum(PERMISSIONS)),
    }),
  },
} as const;
