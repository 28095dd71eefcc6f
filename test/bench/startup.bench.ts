/** Start-up of the CLI: what every command costs before its own work, beside bare Node in the same run. */
import { spawnSync } from 'node:child_process';
import { findProgram } from '../helpers/programs.js';
import { projectPath } from '../helpers/project.js';
import { withTempDir } from '../helpers/temp-dir.js';
import { type BenchRow, median, ratioAtMost, told } from './bench-row.js';

const ROUNDS = 25;
const WARM_UP = 3;
const roc = projectPath('bin/roc.cjs');

const CASES = {
  node: [process.execPath, '-e', '0'],
  version: [process.execPath, roc, '--version'],
  help: [process.execPath, roc, '--help'],
  command: [process.execPath, roc, 'whoami', '--help'],
  // The command's own module is loaded and its flags are parsed, which then are refused.
  refused: [process.execPath, roc, 'whoami', '--bogus'],
} as const;

export async function bench(): Promise<BenchRow[]> {
  const aws = findProgram('aws');
  const cases: Record<string, readonly string[]> = aws ? { ...CASES, aws: [aws, '--version'] } : CASES;
  return withTempDir(async (home) => {
    const samples = interleaved(cases, home);
    const at = (name: string) => (samples[name] === undefined ? null : median(samples[name]));
    const row = (name: string, title: string, anchor: string, against: string) => ({
      case: title,
      value: at(name) ?? Number.NaN,
      unit: 'ms',
      against,
      againstValue: at(anchor),
    });
    return [
      ratioAtMost(row('version', 'roc --version', 'node', 'node -e 0'), 1.3),
      ratioAtMost(row('help', 'roc --help', 'node', 'node -e 0'), 1.3),
      ratioAtMost(row('command', 'roc whoami --help, warm', 'node', 'node -e 0'), 1.7),
      ratioAtMost(row('refused', 'roc whoami --bogus, warm', 'node', 'node -e 0'), 1.7),
      told(row('command', 'roc whoami --help, warm', 'aws', 'aws --version')),
    ];
  });
}

// One of each in turn: what else the machine does falls on all of them alike.
function interleaved(cases: Record<string, readonly string[]>, home: string): Record<string, number[]> {
  const samples: Record<string, number[]> = {};
  const env = { PATH: process.env['PATH'], HOME: home, NO_COLOR: '1' };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const [name, [program = '', ...args]] of Object.entries(cases)) {
      const start = performance.now();
      const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
      const took = performance.now() - start;
      if (status !== (name === 'refused' ? 2 : 0))
        throw new TypeError(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
      if (round >= 0) samples[name] = [...(samples[name] ?? []), took];
    }
  }
  return samples;
}
