/** haproxy as the load balancer in front of two servers, with health checks as an ALB would make them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { startProgram } from './program.js';
import { findProgram } from './programs.js';
import { makeTempDir, removeDir } from './temp-dir.js';
import { until } from './until.js';

export interface LoadBalancer {
  readonly url: string;
  stop(): Promise<void>;
}

export interface LoadBalancerOptions {
  /** `127.0.0.1:7071` of each server. */
  readonly servers: readonly string[];
  /** Asked every 200 ms; `/healthz` by default. */
  readonly healthPath?: string;
}

/** Starts haproxy, round robin over the servers; resolves once it takes connections. */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  const dir = makeTempDir('haproxy');
  const port = await freePort();
  const file = join(dir, 'haproxy.cfg');
  writeFileSync(file, configuration(port, options));
  const program = startProgram(findProgram('haproxy') ?? 'haproxy', ['-db', '-f', file]);
  const stop = async () => {
    await program.stop('SIGTERM', 2_000);
    removeDir(dir);
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([
      until('haproxy answers', async () => (await fetch(url)).status > 0),
      program.ended.then(() => {
        throw new TypeError(`haproxy did not start:\n${program.stderr()}`);
      }),
    ]);
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configuration(port: number, { servers, healthPath = '/healthz' }: LoadBalancerOptions): string {
  const lines = servers.map(
    (address, i) => `  server node${i + 1} ${address} check inter 200ms fall 2 rise 1`,
  );
  return `global
  maxconn 2000
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  option redispatch
  retries 2
frontend in
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk GET ${healthPath}
  http-check expect status 200
${lines.join('\n')}
`;
}
