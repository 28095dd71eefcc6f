/** Starts the gateway in a process of its own, so that it shares no event loop and no memory with the client. */

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rolldown } from 'rolldown';
import { type Program, startProgram } from '../program.js';
import { projectPath } from '../project.js';
import { makeTempDir, removeDir } from '../temp-dir.js';
import type { GatewayOptions } from './gateway.js';

export interface SpawnedGateway {
  readonly url: string;
  /** The workload server behind it. */
  readonly workloadPort: number;
  /** What a child process needs to talk to it and to nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** Carries out `bye`, `cut`, `silent` or nothing (`stats`), and says how things stand. */
  command(verb: 'stats' | 'bye' | 'cut' | 'silent'): Promise<GatewayReport>;
  stop(): Promise<void>;
}

export interface GatewayReport {
  readonly complaints: string[];
  readonly calls: string[];
  readonly sessions: {
    readonly id: string;
    readonly links: number;
    readonly stats: {
      sent: number;
      resent: number;
      acked: number;
      received: number;
      duplicates: number;
      early: number;
    };
    readonly unacknowledged: number;
  }[];
}

/** Functions cannot cross: the fleet of the account is the standard one. */
export async function spawnGateway(
  options: Omit<GatewayOptions, 'aws'> & { port?: number } = {},
): Promise<SpawnedGateway> {
  const dir = makeTempDir('gateway');
  const file = join(dir, 'gateway.mjs');
  const bundle = await rolldown({
    input: projectPath('test/helpers/ssm-gateway/main.ts'),
    platform: 'node',
    external: [/^node:/, 'bufferutil', 'utf-8-validate', 'rolldown'],
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    logLevel: 'silent',
  });
  await bundle.write({ file, format: 'esm', codeSplitting: false });
  await bundle.close();
  const program: Program = startProgram(process.execPath, [file, JSON.stringify(options)], { input: 'open' });
  const lines: ((line: string) => void)[] = [];
  createInterface({ input: program.child.stdout ?? process.stdin }).on('line', (line) =>
    lines.shift()?.(line),
  );
  const nextLine = () => new Promise<string>((resolve) => lines.push(resolve));
  const ended = program.ended.then((): never => {
    throw new TypeError(`the gateway ended:\n${program.stderr()}`);
  });
  ended.catch(() => {});
  const { url, workloadPort } = JSON.parse(await Promise.race([nextLine(), ended])) as {
    url: string;
    workloadPort: number;
  };
  return {
    url,
    workloadPort,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    async command(verb) {
      const answer = nextLine();
      program.child.stdin?.write(`${verb}\n`);
      return JSON.parse(await Promise.race([answer, ended])) as GatewayReport;
    },
    async stop() {
      await program.stop('SIGTERM', 2000);
      removeDir(dir);
    },
  };
}
