/** The `server.oidc` section: one identity provider, one tenant, which groups hold which roles. */
import { z } from 'zod';
import { nameSchema } from '../../protocol/names.js';

/** Tokens over a wire that others can read would be anybody's: without TLS only on this very machine. */
const issuerSchema = z.url({ protocol: /^https?$/ }).refine((text) => {
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  );
}, 'an issuer that is not on this machine needs https');

export const oidcSettingsSchema = z.strictObject({
  issuer: issuerSchema.describe('the issuer URL of the provider'),
  clientId: z.string().min(1),
  clientSecret: z
    .string()
    .min(1)
    .optional()
    .describe('better in ROC_SERVER__OIDC__CLIENT_SECRET; secretsmanager:ARN is read'),
  tenant: nameSchema.default('default').describe('the tenant that people come into'),
  scopes: z.array(z.string().regex(/^[\x21-\x7e]+$/)).default(['openid', 'email', 'groups']),
  groupsClaim: z.string().min(1).default('groups').describe('the claim that lists the groups of a person'),
  roles: z
    .record(z.string().min(1), nameSchema)
    .describe('group: role; whoever loses the group loses the role'),
});

export type OidcSettings = z.output<typeof oidcSettingsSchema>;
