/** Tenants, as the owners of the home tenant look after them. */
import { createTenant, deleteTenant, pauseTenant, resumeTenant, setTenant } from '../../identity/tenants.js';
import type { Tx } from '../../store/store.js';
import { getTenant, listTenants, type Tenant } from '../../store/tenant-rows.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type TenantRoutes = Extract<keyof Handlers, `tenants.${string}`>;

export function tenantHandlers({ store, auth }: ServerParts): Pick<Handlers, TenantRoutes> {
  const change =
    (work: (tx: Tx, name: string) => Promise<Tenant>) =>
    async ({ params, transact }: Pick<Call<'tenants.pause'>, 'params' | 'transact'>) => {
      const tenant = await transact((tx) => work(tx, params.tenant));
      auth.authenticator.forgetAll();
      return tenant;
    };
  return {
    'tenants.list': ({ query }) => listTenants(store, query),
    'tenants.show': ({ params }) => getTenant(store, params.tenant),
    'tenants.create': ({ caller, body, transact }) =>
      transact((tx) => createTenant(tx, { ...body, createdBy: caller.email })),
    'tenants.set': (call) => change((tx, name) => setTenant(tx, name, call.body.needsSecondFactor))(call),
    'tenants.pause': change(pauseTenant),
    'tenants.resume': change(resumeTenant),
    'tenants.delete': (call) => change((tx, name) => deleteTenant(tx, name, call.query.keepDays))(call),
  };
}
