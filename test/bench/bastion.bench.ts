/** Tunnels and commands over Session Manager, each beside its anchor through the same gateway in the same run. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as dial } from 'node:net';
import type { Duplex } from 'node:stream';
import { awsAccess } from '../../src/bastion/aws/clients.js';
import { createSessionApi } from '../../src/bastion/aws/session-api.js';
import { openTunnelTo } from '../../src/bastion/tunnel.js';
import { startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import type { GatewayOptions } from '../helpers/ssm-gateway/gateway.js';
import { type SpawnedGateway, spawnGateway } from '../helpers/ssm-gateway/spawn-gateway.js';
import { download, echo, upload } from '../helpers/ssm-gateway/transfers.js';
import {
  type BenchRow,
  median,
  percentile,
  ratioAtLeast,
  told,
  valueAtLeast,
  valueAtMost,
} from './bench-row.js';

const TARGET = 'i-0123456789abcdef0';
const MB = 1_000_000;
/** One message and a sleep of a millisecond: what the official client and the agent do. */
const PACED = { chunk: 1016, sleep: 1 };

export async function bench(): Promise<BenchRow[]> {
  return [
    ...(await uploads()),
    ...(await downloads()),
    ...(await echoes()),
    ...(await commands()),
    ...(await startups()),
    ...(await memory()),
  ];
}

async function uploads(): Promise<BenchRow[]> {
  return withGateway({}, async (gateway) => {
    const paced = await rate(gateway, 1, 1, (stream) => upload(stream, 1.5 * MB, PACED), 1.5 * MB);
    const rates: number[] = [];
    for (let i = 0; i < 3; i++)
      rates.push(await rate(gateway, 1, 1, (stream) => upload(stream, 64 * MB), 64 * MB));
    return [
      valueAtLeast(
        {
          case: 'upload, 1,024-byte payloads',
          value: median(rates),
          unit: 'MB/s',
          against: 'paced 1 message a ms',
          againstValue: paced,
        },
        10,
      ),
    ];
  });
}

async function downloads(): Promise<BenchRow[]> {
  return withGateway({ agent: { pace: 1 } }, async (gateway) => {
    const one = await rate(gateway, 1, 1, (stream) => download(stream, 3 * MB), 3 * MB);
    const four = await rate(gateway, 4, 4, (stream) => download(stream, 3 * MB), 3 * MB);
    const unpaced = await withGateway({}, (fast) =>
      rate(fast, 1, 1, (stream) => download(stream, 64 * MB), 64 * MB),
    );
    return [
      told({
        case: 'download, paced agent, 1 session',
        value: one,
        unit: 'MB/s',
        against: 'ceiling of 1,024 B a ms',
        againstValue: 1.024,
      }),
      ratioAtLeast(
        {
          case: 'download, paced agent, 4 sessions',
          value: four,
          unit: 'MB/s',
          against: '1 session',
          againstValue: one,
        },
        3.5,
      ),
      told({
        case: 'download, unpaced agent',
        value: unpaced,
        unit: 'MB/s',
        against: 'paced agent, 1 session',
        againstValue: one,
      }),
    ];
  });
}

async function echoes(): Promise<BenchRow[]> {
  const near = await withGateway({}, (gateway) => times(gateway, 400));
  const lanes = { toAgent: { latency: 40 }, toClient: { latency: 40 } };
  const far = await withGateway(lanes, (gateway) => times(gateway, 200));
  return [
    told({
      case: 'echo of 64 bytes, p99',
      value: percentile(near, 99),
      unit: 'ms',
      against: 'p50',
      againstValue: percentile(near, 50),
    }),
    valueAtMost(
      {
        case: 'echo of 64 bytes, 80 ms away, p99',
        value: percentile(far, 99),
        unit: 'ms',
        against: 'p50',
        againstValue: percentile(far, 50),
      },
      95,
    ),
  ];
}

async function commands(): Promise<BenchRow[]> {
  return withGateway({}, async (gateway) => {
    const env = { ...gateway.env, PATH: process.env['PATH'], HOME: process.env['HOME'] };
    const run = (args: readonly string[]) => {
      const start = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
      if (status !== 0) throw new TypeError(`ended with ${status}: ${stderr}`);
      return performance.now() - start;
    };
    const exec = [projectPath('bin/roc.cjs'), 'bastion', 'exec', TARGET, '--', 'true'];
    const samples: number[] = [];
    const node: number[] = [];
    for (let i = -3; i < 15; i++) {
      const took = run(exec);
      const bare = run(['-e', '0']);
      if (i >= 0) samples.push(took);
      if (i >= 0) node.push(bare);
    }
    return [
      valueAtMost(
        {
          case: 'roc bastion exec -- true, process start included',
          value: median(samples),
          unit: 'ms',
          against: 'node -e 0',
          againstValue: median(node),
        },
        150,
      ),
    ];
  });
}

async function startups(): Promise<BenchRow[]> {
  return withGateway({}, async (gateway) => {
    const samples: number[] = [];
    for (let i = 0; i < 200; i++) {
      const start = performance.now();
      const pool = await open(gateway, 1);
      const [first] = await echo(await pool.connect(), 1, 1);
      samples.push(performance.now() - start);
      if (first === undefined) throw new TypeError('no echo');
      await pool.close();
    }
    return [
      valueAtMost(
        {
          case: '200 tunnels opened, slowest first byte',
          value: Math.max(...samples),
          unit: 'ms',
          against: 'median',
          againstValue: median(samples),
        },
        5000,
      ),
    ];
  });
}

/** The most memory that `roc bastion forward` ever held while a slow reader took 200 MB at 20 MB/s. */
async function memory(): Promise<BenchRow[]> {
  return withGateway({}, async (gateway) => {
    const env = { ...gateway.env, PATH: process.env['PATH'], HOME: process.env['HOME'] };
    const to = `127.0.0.1:${gateway.workloadPort}`;
    const args = [projectPath('bin/roc.cjs'), 'bastion', 'forward', TARGET, '--to', to, '--json'];
    const program = startProgram(process.execPath, args, { env });
    const { localPort } = JSON.parse((await program.waitFor(/\{.*\}/))[0]) as { localPort: number };
    const idle = peakMegabytes(program.pid);
    await download(dial(localPort, '127.0.0.1'), 200 * MB, { bytesPerPause: 1 * MB, pause: 50 });
    const peak = peakMegabytes(program.pid);
    await program.stop('SIGINT');
    return [
      valueAtMost(
        {
          case: 'memory of forward, slow reader',
          value: peak,
          unit: 'MB',
          against: 'before the transfer',
          againstValue: idle,
        },
        120,
      ),
    ];
  });
}

// Linux alone tells; elsewhere the row would be a guess.
function peakMegabytes(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kilobytes) * 1024) / MB;
}

async function withGateway<T>(
  options: Omit<GatewayOptions, 'aws'>,
  use: (gateway: SpawnedGateway) => Promise<T>,
): Promise<T> {
  const gateway = await spawnGateway(options);
  try {
    return await use(gateway);
  } finally {
    await gateway.stop();
  }
}

function open(gateway: SpawnedGateway, parallel: number) {
  const target = { region: 'us-east-1', endpointUrl: gateway.url };
  process.env['AWS_ACCESS_KEY_ID'] = 'testing';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'testing';
  const api = createSessionApi(awsAccess(target));
  return openTunnelTo({ api, target: TARGET, host: '127.0.0.1', port: gateway.workloadPort, parallel });
}

/** MB/s of `connections` at once, `bytes` each. */
async function rate(
  gateway: SpawnedGateway,
  parallel: number,
  connections: number,
  transfer: (stream: Duplex) => Promise<unknown>,
  bytes: number,
): Promise<number> {
  const pool = await open(gateway, parallel);
  const streams: Duplex[] = [];
  for (let i = 0; i < connections; i++) streams.push(await pool.connect());
  const start = performance.now();
  await Promise.all(streams.map(transfer));
  const seconds = (performance.now() - start) / 1000;
  await pool.close();
  return (connections * bytes) / seconds / MB;
}

async function times(gateway: SpawnedGateway, count: number): Promise<number[]> {
  const pool = await open(gateway, 1);
  const all = await echo(await pool.connect(), count, 64);
  await pool.close();
  return all.slice(10);
}
