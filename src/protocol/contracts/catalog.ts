/** Projects, environments and pools: named places that other things are put in. */
import { z } from 'zod';
import { nameSchema } from '../names.js';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

const namedSchema = z.object({ id: idSchema, name: z.string(), createdAt: timeSchema });
const createNamed = { body: z.strictObject({ name: nameSchema }), reply: namedSchema };
const listNamed = { query: pageQuery, reply: pageOf(namedSchema) };

export const catalogContracts = {
  'projects.list': listNamed,
  'projects.create': createNamed,
  'environments.list': listNamed,
  'environments.create': createNamed,
  'environments.set': {
    params: z.object({ environment: nameSchema }),
    /** Whether only versions that a trusted publisher has signed may be deployed and run there. */
    body: z.strictObject({ needsSignature: z.boolean() }),
    reply: namedSchema.extend({ needsSignature: z.boolean() }),
  },
  'pools.list': {
    query: pageQuery,
    reply: pageOf(namedSchema.extend({ runnersOnline: z.number().int(), queued: z.number().int() })),
  },
  'pools.create': createNamed,
} as const;
