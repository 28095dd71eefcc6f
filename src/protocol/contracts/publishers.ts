/** Publishers: whose signatures of robots or of evidence a tenant takes. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

/** A key is trusted for one of them: who signs evidence signs no robots. */
const purposeSchema = z.enum(['robots', 'evidence']);

const publisherSchema = z.object({
  id: idSchema,
  name: z.string(),
  keyId: z.string(),
  /** Ed25519, PEM. */
  publicKey: z.string(),
  purpose: purposeSchema,
  state: z.enum(['trusted', 'revoked']),
  createdBy: z.string(),
  createdAt: timeSchema,
});

export const publisherContracts = {
  'publishers.list': { query: pageQuery, reply: pageOf(publisherSchema) },
  'publishers.create': {
    body: z.strictObject({
      name: nameSchema,
      publicKey: z.string().max(1000),
      purpose: purposeSchema.default('robots'),
    }),
    reply: publisherSchema,
  },
  /** What it has signed may be deployed no more where signatures are demanded. */
  'publishers.revoke': { params: z.object({ id: idSchema }), reply: 'empty' },
} as const;
