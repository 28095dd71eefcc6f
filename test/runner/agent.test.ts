import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FakeOrchestrator, startFakeOrchestrator } from '../helpers/fake-orchestrator.js';
import { fakePackage } from '../helpers/fake-packages.js';
import { startTestAgent, type TestAgent } from '../helpers/runner-agent.js';
import { tempDirs } from '../helpers/temp-dirs.js';
import { until } from '../helpers/until.js';

const newDir = tempDirs('agent');

describe('an agent (against a fake orchestrator)', () => {
  let fake: FakeOrchestrator;
  let agent: TestAgent;
  beforeEach(async () => {
    fake = await startFakeOrchestrator();
  });
  afterEach(async () => {
    await agent.stop().catch(() => {});
    await fake.close();
  });

  it('registers, takes a job, runs it and reports output and log', async () => {
    const robot = await fakePackage({
      files: {
        'main.js': `
          const fs = require('fs');
          const input = JSON.parse(fs.readFileSync(0, 'utf8'));
          console.log('got', input.n);
          console.error('to stderr');
          fs.writeFileSync(process.env.ROC_OUTPUT, JSON.stringify({ twice: input.n * 2 }));
          process.stdout.write('no newline at the end');`,
      },
    });
    agent = startTestAgent(fake, newDir());
    const job = fake.enqueue(robot, { input: { n: 21 } });
    await until('the result', () => job.result);
    expect(job.result).toMatchObject({ outcome: 'succeeded', output: { twice: 42 }, error: null });
    expect(fake.textOf(job, 'stdout')).toEqual(['got 21', 'no newline at the end']);
    expect(fake.textOf(job, 'stderr')).toEqual(['to stderr']);
    expect(job.completions).toBe(1);
  });

  it('reports at once a job that is canceled as it asks for the key', async () => {
    const robot = await fakePackage({ files: { 'main.js': 'process.exit(1);' } });
    fake.breakRoute('runner.key', { status: 409, code: 'ROC_CANCELING' }, 1);
    agent = startTestAgent(fake, newDir());
    // No heartbeat says so, and the lease is a minute long.
    const job = fake.enqueue(robot);
    await until('the result', () => job.result);
    expect(job.result).toMatchObject({ outcome: 'canceled', error: { kind: 'canceled' } });
    expect(fake.textOf(job)).toEqual([]);
  });
});
