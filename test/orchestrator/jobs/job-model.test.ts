import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deploy } from '../../../src/orchestrator/deployments/deploy.js';
import { publishVersion } from '../../../src/orchestrator/store/versions.js';
import { JOB_STATE_NAMES } from '../../../src/protocol/job-states.js';
import { size } from '../../contracts/store/context.js';
import { type Fixture, newVersion, openFixture } from '../../contracts/store/fixture.js';
import { COMMANDS, type Real, ROBOTS, RUNNERS } from './job-commands.js';
import { JobModel } from './job-model.js';

const RUNS = size(30, 1500);

it('does what its model does, whatever is done in whatever order', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 100, size: 'max' }), async (commands) => {
      const real = await openReal();
      const model = new JobModel(RUNNERS, real.f.clock());
      try {
        await fc.asyncModelRun(() => ({ model, real }), commands);
        for (const state of model.visited) seen.add(state);
      } finally {
        await real.f.store.close();
      }
    }),
    { numRuns: RUNS, seed: Number(process.env['ROC_TEST_SEED'] ?? 20_250_101), endOnFailure: false },
  );
  // The runs have been everywhere.
  expect([...seen].sort()).toEqual([...JOB_STATE_NAMES].sort());
}, 600_000);

async function openReal(): Promise<Real> {
  const f = await openFixture('sqlite::memory:');
  for (const [robot, platforms] of Object.entries(ROBOTS)) await addRobot(f, robot, platforms);
  const runners = [];
  for (const [at, os] of RUNNERS.entries()) runners.push(await f.runner(`r${at}`, { os }));
  return { f, runners };
}

async function addRobot(f: Fixture, robot: string, platforms: (typeof ROBOTS)[string]): Promise<void> {
  await f.store.transaction(async (tx) => {
    const version = newVersion(f.tenantId, '1.0.0', { platforms: [...platforms] });
    await publishVersion(tx, { ...version, robot });
    await deploy(tx, { ...version, robot, environment: 'dev' });
  });
}
