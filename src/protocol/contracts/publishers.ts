/** Publishers: whose signatures of robots a tenant takes. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

const publisherSchema = z.object({
  id: idSchema,
  name: z.string(),
  keyId: z.string(),
  /** Ed25519, PEM. */
  publicKey: z.string(),
  state: z.enum(['trusted', 'revoked']),
  createdBy: z.string(),
  createdAt: timeSchema,
});

export const publisherContracts = {
  'publishers.list': { query: pageQuery, reply: pageOf(publisherSchema) },
  'publishers.create': {
    body: z.strictObject({ name: nameSchema, publicKey: z.string().max(1000) }),
    reply: publisherSchema,
  },
  /** What it has signed may be deployed no more where signatures are demanded. */
  'publishers.revoke': { params: z.object({ id: idSchema }), reply: 'empty' },
} as const;
