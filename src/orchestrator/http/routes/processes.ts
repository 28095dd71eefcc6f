/** Processes. */

import { heldOnTenant } from '../../decide/reach.js';
import { findProcess, getProcess, listProcesses, setProcess } from '../../store/processes.js';
import { notAllowed } from '../access.js';
import { settingsOf } from '../audit-rules.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type ProcessRoutes = Extract<keyof Handlers, `processes.${string}`>;

export function processHandlers({ store }: ServerParts): Pick<Handlers, ProcessRoutes> {
  return {
    'processes.list': ({ caller, query, sight }) =>
      listProcesses(store, { ...query, sight, tenantId: caller.tenantId }),
    'processes.show': ({ caller, params, query }) =>
      getProcess(store, { ...params, ...query, tenantId: caller.tenantId }),
    'processes.set': ({ caller, params, query, body, transact, tell }) => {
      // Who may change a process may not thereby shut others out of it, or let them in.
      if (body.isPrivate !== undefined && !heldOnTenant(caller.grants).has('roles:grant')) {
        throw notAllowed('roles:grant', caller);
      }
      return transact(async (tx) => {
        const ref = { ...params, ...query, tenantId: caller.tenantId };
        const before = await findProcess(tx, ref);
        if (before !== null) tell({ before: settingsOf(before) });
        return setProcess(tx, ref, body);
      });
    },
  };
}
