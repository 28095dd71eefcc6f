/** `roc bastion socks`: one local SOCKS5 port for everything the instance can reach. */
import type { Log } from '../kernel/log.js';
import { listen } from './session/forward.js';
import type { SessionApi } from './session/ports.js';
import { socksServer } from './session/socks.js';
import type { TunnelPool } from './session/tunnel-pool.js';
import { openTunnelTo } from './tunnel.js';

export interface SocksOptions {
  readonly api: SessionApi;
  readonly target: string;
  readonly port: number;
  readonly maxRate?: number | undefined;
  readonly reason?: string | undefined;
  readonly signal: AbortSignal;
  readonly log?: Log | undefined;
  readonly onError: (error: Error) => void;
}

export interface Socks {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A session leads to one host and port, so each destination has its own; the least used ones give way. */
const MAX_DESTINATIONS = 20;

export async function startSocks(options: SocksOptions): Promise<Socks> {
  const { api, target, signal, log, maxRate, reason } = options;
  const pools = new Map<string, Promise<TunnelPool>>();
  const sockets = new Set<{ destroy(): void }>();
  const poolTo = (host: string, port: number): Promise<TunnelPool> => {
    const key = `${host}:${port}`;
    const known = pools.get(key);
    const pool = known ?? openTunnelTo({ api, target, host, port, signal, log, maxRate, reason });
    // Put last: the map's order is the order of use.
    pools.delete(key);
    pools.set(key, pool);
    pool.catch(() => pools.delete(key));
    void dropUnused(pools);
    return pool;
  };
  const connectTo = async (host: string, port: number) => (await poolTo(host, port)).connect();
  const server = socksServer(connectTo, options.onError);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, options.port, '127.0.0.1');
  return {
    host: '127.0.0.1',
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      const open = await Promise.allSettled(pools.values());
      await Promise.all(open.map((pool) => (pool.status === 'fulfilled' ? pool.value.close() : undefined)));
    },
  };
}

async function dropUnused(pools: Map<string, Promise<TunnelPool>>): Promise<void> {
  for (const [key, promise] of pools) {
    if (pools.size <= MAX_DESTINATIONS) return;
    const pool = await promise.catch(() => null);
    if (pool === null || pool.sessions.some(({ load }) => load > 0)) continue;
    pools.delete(key);
    void pool.close();
  }
}
