import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import Deploy from '../../commands/deploy.js';
import DeploymentsList from '../../commands/deployments/list.js';
import ProcessesList from '../../commands/processes/list.js';
import ProcessesSet from '../../commands/processes/set.js';
import ProcessesShow from '../../commands/processes/show.js';
import Rollback from '../../commands/rollback.js';
import type { ReplyOf } from '../../src/protocol/contracts.js';
import { page, sampleId } from '../helpers/api-samples.js';
import { type SignedIn, signedIn } from '../helpers/signed-in.js';

let shell: SignedIn;
beforeEach(async () => {
  shell = await signedIn();
});
afterEach(() => shell.close());

const deployment: ReplyOf<'deployments.rollback'> = {
  id: sampleId(4),
  project: 'default',
  robot: 'invoice-totals',
  version: '1.1.0',
  environment: 'prod',
  kind: 'deploy',
  previousVersion: '1.0.0',
  active: true,
  reason: null,
  createdBy: 'admin@localhost',
  createdAt: '2026-03-01T12:00:00.000Z',
};

const process_: ReplyOf<'processes.show'> = {
  id: sampleId(5),
  project: 'default',
  name: 'invoice-totals',
  robot: 'invoice-totals',
  pool: 'default',
  priority: 5,
  timeoutMs: null,
  maxAttempts: 1,
  onLost: null,
  isPrivate: false,
  createdAt: '2026-03-01T12:00:00.000Z',
  active: [
    { environment: 'dev', version: '1.1.0' },
    { environment: 'prod', version: '1.0.0' },
  ],
};

describe('roc deploy', () => {
  it('deploys to the environment, and says what ran before', async () => {
    shell.api.answer({ 'deployments.create': () => ({ ...deployment, processCreated: false }) });
    const { stdout } = await shell.run(Deploy, 'invoice-totals@1.1.0', '--to', 'prod', '--reason', 'tax');
    expect(stdout).toBe('deployed default/invoice-totals@1.1.0 to prod (was 1.0.0)\n');
    expect(shell.api.requests[0]?.body).toEqual({
      project: 'default',
      robot: 'invoice-totals',
      version: '1.1.0',
      environment: 'prod',
      reason: 'tax',
    });
  });

  it('says that it made a process', async () => {
    shell.api.answer({
      'deployments.create': () => ({ ...deployment, previousVersion: null, processCreated: true }),
    });
    expect((await shell.run(Deploy, 'invoice-totals@1.1.0')).stdout).toBe(
      'deployed default/invoice-totals@1.1.0 to prod\nmade the process default/invoice-totals\n',
    );
  });

  it('takes project and environment from roc.yaml where no flag says them', async () => {
    shell.api.answer({ 'deployments.create': () => ({ ...deployment, processCreated: false }) });
    const config = join(shell.dir, 'roc.yaml');
    await writeFile(config, 'client:\n  project: finance\n  environment: staging\n');
    await shell.run(Deploy, 'invoice-totals@1.1.0', '--config', config);
    await shell.run(Deploy, 'hr/invoice-totals@1.1.0', '--config', config, '--to', 'dev');
    await shell.run(Deploy, 'invoice-totals@1.1.0');
    expect(shell.api.requests.map(({ body }) => body)).toMatchObject([
      { project: 'finance', environment: 'staging' },
      { project: 'hr', environment: 'dev' },
      { project: 'default', environment: 'dev' },
    ]);
  });

  it('refuses an unknown key in roc.yaml by its path', async () => {
    const config = join(shell.dir, 'roc.yaml');
    await writeFile(config, 'client:\n  projekt: finance\n');
    const { exitCode, stderr } = await shell.run(Deploy, 'invoice-totals@1.1.0', '--config', config);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('client.projekt: unknown key');
  });
});

describe('roc rollback', () => {
  it('goes back to the former version, or to the one named', async () => {
    const rollback = { ...deployment, kind: 'rollback' as const, version: '1.0.0', previousVersion: '1.1.0' };
    shell.api.answer({ 'deployments.rollback': () => rollback });
    const { stdout } = await shell.run(Rollback, 'invoice-totals', '--in', 'prod', '--reason', 'wrong');
    expect(stdout).toBe('rolled default/invoice-totals in prod back from 1.1.0 to 1.0.0\n');
    await shell.run(Rollback, 'invoice-totals', '--in', 'prod', '--to', '0.9.0');
    await shell.run(Rollback, 'invoice-totals@0.9.0', '--in', 'prod');
    expect(shell.api.requests.map(({ body }) => (body as { version?: string }).version)).toEqual([
      undefined,
      '0.9.0',
      '0.9.0',
    ]);
  });

  it('refuses two different versions', async () => {
    const { exitCode, stderr } = await shell.run(Rollback, 'invoice-totals@1.0.0', '--to', '0.9.0');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('names version 1.0.0, --to says 0.9.0');
  });
});

describe('roc deployments list', () => {
  it('marks what runs now', async () => {
    const former = { ...deployment, id: sampleId(6), version: '1.0.0', active: false, reason: 'first' };
    shell.api.answer({ 'deployments.list': () => page([deployment, former]) });
    const { stdout } = await shell.run(DeploymentsList, 'invoice-totals', '--in', 'prod');
    expect(stdout).toMatch(/^\* {2}invoice-totals {2}1\.1\.0/m);
    expect(stdout).toMatch(/^ {3}invoice-totals {2}1\.0\.0 .*first$/m);
    expect(shell.api.requests[0]?.query).toMatchObject({
      project: 'default',
      robot: 'invoice-totals',
      environment: 'prod',
    });
    expect((await shell.run(DeploymentsList, '--json')).json()).toEqual({ items: [deployment, former] });
  });
});

describe('roc processes', () => {
  it('are listed and shown with the versions they run', async () => {
    shell.api.answer({ 'processes.list': () => page([process_]), 'processes.show': () => process_ });
    expect((await shell.run(ProcessesList)).stdout).toContain('dev 1.1.0, prod 1.0.0');
    const shown = await shell.run(ProcessesShow, 'invoice-totals');
    expect(shown.stdout).toContain("timeout    the robot's own\n");
    expect((await shell.run(ProcessesShow, 'invoice-totals', '--json')).json()).toEqual(process_);
  });

  it('are set, only what is named', async () => {
    shell.api.answer({ 'processes.set': () => process_ });
    await shell.run(
      ProcessesSet,
      'invoice-totals',
      '--timeout',
      '30m',
      '--on-lost',
      'hold',
      '--max-attempts',
      '3',
    );
    await shell.run(
      ProcessesSet,
      'invoice-totals',
      '--timeout',
      'robot',
      '--on-lost',
      'robot',
      '--priority',
      '0',
    );
    expect(shell.api.requests.map(({ body }) => body)).toEqual([
      { timeoutMs: 1_800_000, onLost: 'hold', maxAttempts: 3 },
      { timeoutMs: null, onLost: null, priority: 0 },
    ]);
  });

  it.each([
    [[], 'nothing to set'],
    [['--timeout', 'soon'], '"soon" is not a duration'],
    [['--on-lost', 'panic'], 'Expected --on-lost=panic to be one of'],
    [['--priority', '10'], 'priority'],
  ])('are not set with %j', async (argv, message) => {
    const { exitCode, stderr } = await shell.run(ProcessesSet, 'invoice-totals', ...argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });

  it('have no version', async () => {
    const { exitCode, stderr } = await shell.run(ProcessesShow, 'invoice-totals@1.0.0');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('a process has none');
  });
});
