/** `roc bastion forward`: local ports that lead to hosts behind an instance. */
import { RocError } from '../kernel/errors.js';
import { type Destination, parseDestination } from './destination.js';
import { type Forward, startForward } from './session/forward.js';
import type { TunnelPool } from './session/tunnel-pool.js';
import { openTunnelTo, type TunnelOptions } from './tunnel.js';

export interface ForwardPortsOptions extends Omit<TunnelOptions, 'host' | 'port'> {
  /** `HOST:PORT` each. */
  readonly to: readonly string[];
  /** The local port of each, in the same order; a free one where absent. */
  readonly local: readonly number[];
  readonly onError?: (error: Error) => void;
}

export interface ForwardedPort extends Destination {
  readonly localHost: string;
  readonly localPort: number;
  readonly sessionId: string;
}

export interface ForwardedPorts {
  readonly ports: readonly ForwardedPort[];
  close(): Promise<void>;
}

/** Opens all or none. */
export async function forwardPorts(options: ForwardPortsOptions): Promise<ForwardedPorts> {
  const destinations = options.to.map(parseDestination);
  if (options.local.length > destinations.length) {
    throw new RocError(
      'ROC_USAGE',
      `${options.local.length} local ports for ${destinations.length} destinations`,
      {
        hint: 'Give each --local its --to.',
      },
    );
  }
  const open: { pool: TunnelPool; forward: Forward }[] = [];
  const close = async () => {
    await Promise.allSettled(open.map(({ forward }) => forward.close()));
    await Promise.allSettled(open.map(({ pool }) => pool.close()));
  };
  try {
    const ports: ForwardedPort[] = [];
    for (const [index, destination] of destinations.entries()) {
      ports.push(await openOne(options, destination, options.local[index] ?? 0, open));
    }
    return { ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openOne(
  options: ForwardPortsOptions,
  destination: Destination,
  localPort: number,
  open: { pool: TunnelPool; forward: Forward }[],
): Promise<ForwardedPort> {
  let pool: TunnelPool | undefined;
  // The port first: one that is taken should cost nobody a session.
  const forward = await startForward({
    connect: () =>
      pool === undefined ? Promise.reject(new RocError('ROC_UNAVAILABLE', 'not open yet')) : pool.connect(),
    port: localPort,
    log: options.log,
    ...(options.onError === undefined ? {} : { onError: options.onError }),
  });
  try {
    pool = await openTunnelTo({ ...options, ...destination });
  } catch (error) {
    await forward.close();
    throw error;
  }
  open.push({ pool, forward });
  const sessionId = pool.sessions[0]?.sessionId ?? '';
  return { ...destination, localHost: forward.host, localPort: forward.port, sessionId };
}
