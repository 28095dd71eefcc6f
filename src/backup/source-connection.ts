/** A read-only way into the live database, for manifests: its own secret or a token, never the master password of a copy. */
import { RocError } from '../kernel/errors.js';
import type { DatabaseFacts } from './facts.js';
import type { RdsAsset } from './model.js';
import { createConnector } from './mysql/connector.js';
import type { Connector, SignIn } from './ports.js';
import { authoritiesOf, type Room } from './room.js';
import { openWay } from './way.js';

/** Closing the connector closes the way. */
export async function connectToSource(
  room: Room,
  asset: RdsAsset,
  database: DatabaseFacts,
  signal: AbortSignal,
): Promise<Connector> {
  const ca = authoritiesOf(asset, room);
  const { host, port } = database;
  if (host === null)
    throw new RocError('ROC_UNAVAILABLE', `${database.id} has no endpoint; it is ${database.status}`, {
      hint: 'Wait until it is available.',
    });
  const signIn = await sourceSignIn(room, asset, { ...database, host });
  const way = await openWay(asset, host, port, { openTunnel: room.openTunnel, signal });
  return createConnector({ way, signIn, ca, signal });
}

async function sourceSignIn(
  { cloud, outputs }: Room,
  asset: RdsAsset,
  { id, host, port, masterSecretArn }: DatabaseFacts & { host: string },
): Promise<SignIn> {
  const { auth, user, secret } = asset.connect.source;
  if (auth === 'iam') {
    if (user === undefined)
      throw new RocError('ROC_USAGE', `a token for ${id} needs a database user`, {
        hint: 'Write connect.source.user in the policy.',
      });
    return { user, auth, password: () => cloud.iamToken(host, port, user) };
  }
  const isTheStacks = outputs?.dbInstanceId === id;
  const arn = secret ?? (isTheStacks ? outputs?.dbSecretArn : null) ?? masterSecretArn;
  if (arn === null)
    throw new RocError('ROC_USAGE', `no secret is known for ${id}`, {
      hint: 'Write connect.source.secret in the policy, or use connect.source.auth: iam.',
    });
  const found = await cloud.databaseSecret(arn);
  return { user: found.user, auth: 'password', password: async () => found.password };
}
