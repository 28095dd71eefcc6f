// `npm run test:faults -- [--seed N[,N…]] [--only NAME] [--long]`: two nodes under faults, reproducible by their seed.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, only: { type: 'string', default: '' }, long: { type: 'boolean' } },
});
const env = { ...process.env, ROC_FAULTS_ONLY: values.only };
if (values.seed !== undefined) env.ROC_FAULTS_SEED = values.seed;
const test = join(dirname(fileURLToPath(import.meta.url)), 'test.mjs');
const args = [test, 'test/faults', ...(values.long ? ['--long'] : [])];
process.exitCode = spawnSync(process.execPath, args, { env, stdio: 'inherit' }).status ?? 1;
