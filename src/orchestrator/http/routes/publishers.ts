/** Publishers whose signatures are taken. */
import { publisherKeyId, readPublisherKey } from '../../../protocol/package/signature.js';
import { insertPublisher, listPublishers, revokePublisher } from '../../store/publishers.js';
import type { Handlers } from '../handler.js';
import type { ServerParts } from '../parts.js';

type PublisherRoutes = Extract<keyof Handlers, `publishers.${string}`>;

export function publisherHandlers({ store }: Pick<ServerParts, 'store'>): Pick<Handlers, PublisherRoutes> {
  return {
    'publishers.list': ({ caller, query }) => listPublishers(store, { ...query, tenantId: caller.tenantId }),
    'publishers.create': ({ caller, body, transact }) => {
      const key = readPublisherKey(body.publicKey);
      const publicKey = String(key.export({ type: 'spki', format: 'pem' }));
      const { tenantId, email: createdBy } = caller;
      const { name, purpose } = body;
      const args = { tenantId, createdBy, publicKey, name, purpose, keyId: publisherKeyId(key) };
      return transact((tx) => insertPublisher(tx, args));
    },
    'publishers.revoke': async ({ caller, params, transact, tell }) => {
      await transact(async (tx) => {
        const { id, name } = await revokePublisher(tx, caller.tenantId, params.id);
        tell({ target: { kind: 'publisher', id, name } });
      });
    },
  };
}
