/** Making the template: cold, and from the cache, beside an application of the construct library that makes the same stack. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleProgram } from '../helpers/bundle.js';
import { projectPath } from '../helpers/project.js';
import { makeTempDir } from '../helpers/temp-dir.js';
import { type BenchRow, ratioAtMost, valueAtMost } from './bench-row.js';

const RUNS = Number(process.env['ROC_BENCH_RUNS'] ?? 5);

const STACK = `stack:
  region: eu-west-1
  corporateCidrs: [203.0.113.0/24]
  domain: { name: roc.example.com, zoneId: Z0123456789ABC }
`;

export async function bench(): Promise<BenchRow[]> {
  const dir = makeTempDir('provision-bench');
  try {
    writeFileSync(join(dir, 'roc.yaml'), STACK);
    const app = await bundleProgram('test/bench/provision-cdk-app.ts');
    const cold: Measured[] = [];
    const cached: Measured[] = [];
    const plain: Measured[] = [];
    for (let run = 0; run < RUNS; run++) {
      const cache = join(dir, `cache-${run}`);
      mkdirSync(cache);
      plain.push(await measure([app, join(dir, `cdk-${run}`)], dir, cache));
      cold.push(await measure([projectPath('bin/roc.cjs'), ...TEMPLATE], dir, cache));
      cached.push(await measure([projectPath('bin/roc.cjs'), ...TEMPLATE], dir, cache));
    }
    const against = 'a plain application of the construct library, app.synth()';
    const row = (name: string, list: readonly Measured[], key: 'seconds' | 'peakMb') => ({
      case: name,
      value: median(list.map((one) => one[key])),
      unit: key === 'seconds' ? 's' : 'MB',
      against,
      againstValue: median(plain.map((one) => one[key])),
    });
    return [
      valueAtMost(row('template, cold', cold, 'seconds'), 5),
      ratioAtMost(row('template, cold, beside', cold, 'seconds'), 1),
      valueAtMost(row('template, cached', cached, 'seconds'), 0.5),
      ratioAtMost(row('template, cold: peak memory', cold, 'peakMb'), 1),
      ratioAtMost(row('template, cached: peak memory', cached, 'peakMb'), 0.5),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const TEMPLATE = ['provision', 'template', '--offline', '--out', 'out'];

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

async function measure(args: readonly string[], cwd: string, cache: string): Promise<Measured> {
  const started = performance.now();
  const env = { ...process.env, XDG_CACHE_HOME: cache, HOME: cache };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  let peakMb = 0;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid));
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${Buffer.concat(errors)}`);
  return { seconds: (performance.now() - started) / 1000, peakMb };
}

/** The highest resident size that the kernel has seen. */
function peakOf(pid: number | undefined): number {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? 0 : Number(found[1]) / 1024;
  } catch {
    return 0;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
