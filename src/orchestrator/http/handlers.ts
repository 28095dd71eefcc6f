/** Every route's handler in one map: a route without one is a type error. */
import type { Handlers } from './handler.js';
import type { ServerParts } from './parts.js';
import { assetHandlers } from './routes/assets.js';
import { auditHandlers } from './routes/audit.js';
import { authHandlers } from './routes/auth.js';
import { catalogHandlers } from './routes/catalog.js';
import { deploymentHandlers } from './routes/deployments.js';
import { evidenceHandlers } from './routes/evidence.js';
import { jobHandlers } from './routes/jobs.js';
import { keyHandlers } from './routes/keys.js';
import { meHandlers } from './routes/me.js';
import { nodeHandlers } from './routes/nodes.js';
import { processHandlers } from './routes/processes.js';
import { publisherHandlers } from './routes/publishers.js';
import { robotHandlers } from './routes/robots.js';
import { roleHandlers } from './routes/roles.js';
import { runnerHandlers } from './routes/runner.js';
import { runnerJobHandlers } from './routes/runner-jobs.js';
import { runnerKeyHandlers } from './routes/runner-keys.js';
import { runnersHandlers } from './routes/runners.js';
import { tenantHandlers } from './routes/tenants.js';
import { userHandlers } from './routes/users.js';

export function createHandlers(parts: ServerParts): Handlers {
  return {
    ...authHandlers(parts),
    ...meHandlers(parts),
    ...catalogHandlers(parts),
    ...robotHandlers(parts),
    ...deploymentHandlers(parts),
    ...processHandlers(parts),
    ...jobHandlers(parts),
    ...runnersHandlers(parts),
    ...assetHandlers(parts),
    ...keyHandlers(parts),
    ...publisherHandlers(parts),
    ...auditHandlers(parts),
    ...evidenceHandlers(parts),
    ...userHandlers(parts),
    ...roleHandlers(parts),
    ...tenantHandlers(parts),
    ...runnerHandlers(parts),
    ...runnerJobHandlers(parts),
    ...runnerKeyHandlers(parts),
    ...nodeHandlers(parts),
  };
}
