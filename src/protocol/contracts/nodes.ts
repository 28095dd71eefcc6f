/** The servers of an installation, as its operators and `roc scale` see them. */
import { z } from 'zod';
import { idSchema, pageOf, pageQuery, timeSchema } from '../schemas.js';

const nodeSchema = z.object({
  /** Of the process: a server that starts again is another node. */
  id: idSchema,
  /** Of the machine, where its configuration says so (an EC2 instance id). */
  instanceId: z.string().nullable(),
  version: z.string(),
  /** `gone`: not heard of for 15 s; it may have been killed. */
  state: z.enum(['online', 'draining', 'gone']),
  load: z.object({
    /** Long polls and event streams that it holds; 0 in a node that has drained. */
    held: z.number().int(),
    /** Share of the last seconds in which its event loop was busy, 0 to 1. */
    busy: z.number(),
    rssBytes: z.number().int(),
  }),
  startedAt: timeSchema,
  lastSeenAt: timeSchema,
});

const idParams = z.object({ id: idSchema });

export const nodeContracts = {
  'nodes.list': {
    query: pageQuery.extend({ instanceId: z.string().max(64).optional() }),
    reply: pageOf(nodeSchema),
  },
  'nodes.show': { params: idParams, reply: nodeSchema },
  'nodes.drain': { params: idParams, reply: nodeSchema },
  'nodes.resume': { params: idParams, reply: nodeSchema },
} as const;
