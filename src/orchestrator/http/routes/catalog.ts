/** Projects, environments and pools. */
import { ONLINE_MS } from '../../jobs/limits.js';
import { createPlace, listPlaces, listPools, type PlaceKind } from '../../store/places.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type CatalogRoutes =
  | 'projects.list'
  | 'projects.create'
  | 'environments.list'
  | 'environments.create'
  | 'pools.list'
  | 'pools.create';

export function catalogHandlers({ store }: ServerParts): Pick<Handlers, CatalogRoutes> {
  const list =
    (kind: PlaceKind) =>
    ({ caller, query, sight }: Pick<Call<'projects.list'>, 'caller' | 'query' | 'sight'>) =>
      listPlaces(store, kind, { ...query, sight, tenantId: caller.tenantId });
  const create =
    (kind: PlaceKind) =>
    ({ caller, body, transact }: Pick<Call<'projects.create'>, 'caller' | 'body' | 'transact'>) =>
      transact((tx) => createPlace(tx, kind, caller.tenantId, body.name));
  return {
    'projects.list': list('project'),
    'projects.create': create('project'),
    'environments.list': list('environment'),
    'environments.create': create('environment'),
    'pools.list': ({ caller, query, sight }) =>
      listPools(store, { ...query, sight, tenantId: caller.tenantId, onlineMs: ONLINE_MS }),
    'pools.create': create('pool'),
  };
}
