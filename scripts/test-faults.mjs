// `npm run test:faults -- [--seed N[,N…] | --seeds COUNT] [--scenarios PART[,PART…]] [--long] [--lanes N] [--report FILE]`:
// two nodes under faults, reproducible by their seed. It ends with one table of all counts.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    scenarios: { type: 'string' },
    only: { type: 'string' },
    long: { type: 'boolean' },
    lanes: { type: 'string' },
    report: { type: 'string' },
  },
});
const counted = values.seeds && Array.from({ length: Number(values.seeds) }, (_, i) => i + 1).join();
const wanted = {
  ROC_FAULTS_SEED: values.seed ?? counted,
  ROC_FAULTS_ONLY: values.scenarios ?? values.only ?? '',
  ROC_FAULTS_LANES: values.lanes,
  ROC_FAULTS_REPORT: values.report,
};
const env = { ...process.env };
for (const [name, value] of Object.entries(wanted)) if (value !== undefined) env[name] = value;
const test = join(dirname(fileURLToPath(import.meta.url)), 'test.mjs');
const filter = 'test/faults/faults.integration.test.ts';
const args = [test, filter, ...(values.long ? ['--long'] : [])];
process.exitCode = spawnSync(process.execPath, args, { env, stdio: 'inherit' }).status ?? 1;
