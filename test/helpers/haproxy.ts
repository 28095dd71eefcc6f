/** haproxy as the load balancer in front of two servers, with health checks as an ALB would make them. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { startProgram } from './program.js';
import { findProgram } from './programs.js';
import { makeTempDir, removeDir } from './temp-dir.js';
import { until } from './until.js';

export interface LoadBalancer {
  readonly url: string;
  /** `drain` gives the server no new request and lets go on what is in flight, as a deregistration does. */
  setServer(index: number, state: 'drain' | 'ready'): Promise<void>;
  stop(): Promise<void>;
}

export interface LoadBalancerOptions {
  /** `127.0.0.1:7071` of each server. */
  readonly servers: readonly string[];
  /** Asked every 200 ms, and given 2 s to answer (an ALB gives 5); `/healthz` by default. */
  readonly healthPath?: string;
  /** How often a request that could not be handed over is tried again, at the other server; 2 by default, an ALB: never. */
  readonly retries?: number;
}

/** Starts haproxy, round robin over the servers; resolves once it takes connections. */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  const dir = makeTempDir('haproxy');
  const port = await freePort();
  const file = join(dir, 'haproxy.cfg');
  const control = join(dir, 'control.sock');
  writeFileSync(file, configuration(port, control, options));
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
    const setServer = (index: number, state: string) =>
      command(control, `set server nodes/node${index + 1} state ${state}`);
    return { url, setServer, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One command to the control socket. @throws TypeError with what haproxy has against it */
async function command(control: string, text: string): Promise<void> {
  const socket = connect(control);
  socket.end(`${text}\n`);
  const answer = Buffer.concat(await socket.toArray())
    .toString()
    .trim();
  if (answer !== '') throw new TypeError(`haproxy: ${text}: ${answer}`);
}

function configuration(
  port: number,
  control: string,
  { servers, healthPath = '/healthz', retries = 2 }: LoadBalancerOptions,
): string {
  const lines = servers.map(
    (address, i) => `  server node${i + 1} ${address} check inter 200ms fall 2 rise 1`,
  );
  return `global
  maxconn 2000
  stats socket ${control} mode 600 level admin
defaults
  mode http
  timeout connect 2s
  timeout check 2s
  timeout client 60s
  timeout server 60s
  retries ${retries}
${retries > 0 ? '  option redispatch\n' : ''}frontend in
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  http-reuse always
  option httpchk GET ${healthPath}
  http-check expect status 200
${lines.join('\n')}
`;
}
