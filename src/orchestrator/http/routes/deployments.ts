/** Deployments: appended, never changed; a rollback is one more. */
import { deploy, rollback } from '../../deployments/deploy.js';
import { listDeployments } from '../../store/deployments.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type DeploymentRoutes = Extract<keyof Handlers, `deployments.${string}`>;

export function deploymentHandlers({ store }: ServerParts): Pick<Handlers, DeploymentRoutes> {
  return {
    'deployments.list': ({ caller, query, sight }) =>
      listDeployments(store, { ...query, sight, tenantId: caller.tenantId }),
    'deployments.create': ({ caller, body, transact }) =>
      transact((tx) => deploy(tx, { ...body, tenantId: caller.tenantId, createdBy: caller.email })),
    'deployments.rollback': ({ caller, body, transact }) =>
      transact((tx) => rollback(tx, { ...body, tenantId: caller.tenantId, createdBy: caller.email })),
  };
}
