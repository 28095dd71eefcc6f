/** The servers of this installation. */
import { getNode, listNodes, setDraining } from '../../store/nodes.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type NodeRoutes = Extract<keyof Handlers, `nodes.${string}`>;

export function nodeHandlers({ store }: ServerParts): Pick<Handlers, NodeRoutes> {
  return {
    'nodes.list': ({ query }) => listNodes(store, query),
    'nodes.show': ({ params }) => getNode(store, params.id),
    'nodes.drain': ({ params, transact }) => transact((tx) => setDraining(tx, params.id, true)),
    'nodes.resume': ({ params, transact }) => transact((tx) => setDraining(tx, params.id, false)),
  };
}
