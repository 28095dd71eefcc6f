/** Ways to a database: through an instance of Session Manager, or straight where the host is inside the network. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { RocError } from '../kernel/errors.js';
import type { OpenTunnel } from '../kernel/tunnel.js';
import type { RdsAsset } from './model.js';
import type { Way } from './ports.js';

const CONNECT_LIMIT = 15_000;

/** @param host the endpoint that RDS names */
export async function openWay(
  asset: RdsAsset,
  host: string,
  port: number,
  { openTunnel, signal }: { readonly openTunnel: OpenTunnel; readonly signal: AbortSignal },
): Promise<Way> {
  if (asset.connect.via === 'direct')
    return {
      kind: 'direct',
      host,
      port,
      sessionId: null,
      connect: () => straight(host, port),
      close: async () => {},
    };
  const { instance } = asset.connect;
  const tunnel = await openTunnel({
    ...(instance === undefined ? {} : { target: instance }),
    host,
    port,
    signal,
  });
  const { sessionId } = tunnel;
  return {
    kind: 'ssm-tunnel',
    host,
    port,
    sessionId,
    connect: () => tunnel.connect(),
    close: () => tunnel.close(),
  };
}

async function straight(host: string, port: number): Promise<Duplex> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_LIMIT) });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw new RocError('ROC_UNREACHABLE', `${host}:${port} cannot be reached from here`, {
      hint: 'Use connect.via: ssm-tunnel, or run roc inside the network.',
      cause,
    });
  }
}
