/** Ways to a database: through an instance of Session Manager, or straight where the host is inside the network. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { RocError } from '../kernel/errors.js';
import type { OpenTunnel } from '../kernel/tunnel.js';
import type { RdsAsset } from './model.js';
import type { Way } from './ports.js';

const CONNECT_LIMIT = 15_000;
/** So long a connection is tried again that was refused, not how long one may take. */
const TRIED_MS = 5000;
const PAUSE_MS = 500;
const PASSING = /^(ECONNREFUSED|ECONNRESET|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

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

/** What passes by itself (a name that was not resolved in time, a server that restarts) must not end a drill. */
async function straight(host: string, port: number): Promise<Duplex> {
  const until = performance.now() + TRIED_MS;
  for (;;) {
    try {
      return await connectOnce(host, port);
    } catch (cause) {
      const code = String((cause as { code?: unknown }).code ?? 'no answer');
      if (PASSING.test(code) && performance.now() < until) {
        await sleep(PAUSE_MS);
        continue;
      }
      throw new RocError('ROC_UNREACHABLE', `${host}:${port} cannot be reached from here (${code})`, {
        hint: 'Use connect.via: ssm-tunnel, or run roc inside the network.',
        cause,
      });
    }
  }
}

async function connectOnce(host: string, port: number): Promise<Duplex> {
  const socket = connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_LIMIT) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
