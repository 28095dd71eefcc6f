/** Processes. */
import { getProcess, listProcesses, setProcess } from '../../store/processes.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type ProcessRoutes = Extract<keyof Handlers, `processes.${string}`>;

export function processHandlers({ store }: ServerParts): Pick<Handlers, ProcessRoutes> {
  return {
    'processes.list': ({ caller, query }) => listProcesses(store, { ...query, tenantId: caller.tenantId }),
    'processes.show': ({ caller, params, query }) =>
      getProcess(store, { ...params, ...query, tenantId: caller.tenantId }),
    'processes.set': ({ caller, params, query, body, transact }) =>
      transact((tx) => setProcess(tx, { ...params, ...query, tenantId: caller.tenantId }, body)),
  };
}
