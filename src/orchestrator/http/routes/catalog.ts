/** Projects, environments and pools. */
import { ONLINE_MS } from '../../jobs/limits.js';
import { createPlace, getPlace, listPlaces, listPools, type PlaceKind } from '../../store/places.js';
import { demandSignature } from '../../store/publishers.js';
import type { Call, Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type CatalogRoutes =
  | 'projects.list'
  | 'projects.create'
  | 'environments.list'
  | 'environments.create'
  | 'environments.set'
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
    'environments.set': ({ caller, params, body: { needsSignature }, transact, tell }) =>
      transact(async (tx) => {
        const place = await getPlace(tx, 'environment', caller.tenantId, params.environment);
        tell({ before: { needsSignature: await demandSignature(tx, place.id, needsSignature) } });
        return { ...place, needsSignature };
      }),
    'pools.list': ({ caller, query, sight }) =>
      listPools(store, { ...query, sight, tenantId: caller.tenantId, onlineMs: ONLINE_MS }),
    'pools.create': create('pool'),
  };
}
