/** The room's tunnels: a host and port behind an instance, for `roc bastion forward` and for the kernel's tunnel port. */
import { RocError } from '../kernel/errors.js';
import type { Log } from '../kernel/log.js';
import type { OpenTunnel } from '../kernel/tunnel.js';
import type { SessionApi } from './session/ports.js';
import { openTunnelPool, type TunnelPool } from './session/tunnel-pool.js';

export interface TunnelOptions {
  readonly api: SessionApi;
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly parallel?: number | undefined;
  readonly maxRate?: number | undefined;
  readonly payloadSize?: number | undefined;
  readonly reason?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly log?: Log | undefined;
}

/** The instance itself is meant by any of these names. */
const ITSELF: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '::1', '']);

export function openTunnelTo(options: TunnelOptions): Promise<TunnelPool> {
  const { api, target, host, port, parallel, maxRate, payloadSize, reason, signal, log } = options;
  const isItself = ITSELF.has(host);
  return openTunnelPool({
    api,
    request: {
      target,
      document: isItself ? 'AWS-StartPortForwardingSession' : 'AWS-StartPortForwardingSessionToRemoteHost',
      parameters: { portNumber: [String(port)], ...(isItself ? {} : { host: [host] }) },
      reason,
    },
    parallel,
    maxRate,
    payloadSize,
    signal,
    log,
  });
}

/** The kernel's tunnel port over Session Manager; `bastion` is the target where a request names none. */
export function tunnelPort(api: SessionApi, bastion: string | null, log?: Log): OpenTunnel {
  return async ({ target = bastion ?? undefined, host, port, signal }) => {
    if (target === undefined) {
      throw new RocError('ROC_USAGE', `no instance is named to reach ${host} through`, {
        hint: 'Name one, or provision the stack, whose bastion is the default.',
      });
    }
    const pool = await openTunnelTo({ api, target, host, port, signal, log });
    return {
      sessionId: pool.sessions[0]?.sessionId ?? '',
      connect: () => pool.connect(),
      close: () => pool.close(),
    };
  };
}
