import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Status } from '../../../src/scale/status/model.js';
import { type RunningFakeAws, startFakeAws } from '../../helpers/aws-model/fake-aws.js';
import { describeWith } from '../../helpers/parts.js';
import { projectPath } from '../../helpers/project.js';
import { runRoc, startRoc } from '../../helpers/roc.js';
import {
  type FakeInstallation,
  fakeInstallation,
  INSTALLATION,
} from '../../helpers/scale/installation-fake.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';
import { runInTerminal } from '../../helpers/terminal.js';
import { until } from '../../helpers/until.js';

describeWith('botocore', 'roc status on a strict fake of an installation', () => {
  let aws: RunningFakeAws;
  let server: Server;
  let fake: FakeInstallation;
  let cwd: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    aws = await startFakeAws({});
    server = createServer((request, response) => {
      response.writeHead(request.url === '/healthz' ? 200 : 404).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    cwd = makeTempDir('status');
    mkdirSync(join(cwd, '.roc'));
    const outputs = { ...INSTALLATION, account: '123456789012', region: 'eu-west-1', url };
    writeFileSync(join(cwd, '.roc', 'stack-outputs.json'), JSON.stringify(outputs));
    env = { AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: aws.url };
  });
  afterAll(async () => {
    await aws.close();
    server.closeAllConnections();
    server.close();
    removeDir(cwd);
  });
  beforeEach(() => {
    fake = fakeInstallation(Date.now);
    aws.handlers = fake.handlers;
    aws.problems.splice(0);
  });

  test('looks at what the outputs of the stack name, and ends with 0', async () => {
    const { exitCode: code, stdout, stderr } = await runRoc(['status'], { cwd, env });
    expect({ code, stderr, problems: aws.problems }).toEqual({ code: 0, stderr: '', problems: [] });
    for (const id of ['balancer', 'servers', 'database', 'orchestrator', 'alarms'])
      expect(stdout).toContain(`● ${id}`);
    expect(stdout).toMatch(/21 metrics read for \$0\.00021/);
    expect(stdout).not.toContain('\u001b');
  });

  test('prints the shape that others build on', async () => {
    const { exitCode: code, json } = await runRoc(['status', '--json'], { cwd, env });
    expect(code).toBe(0);
    const status = json<Status>();
    expect(status.verdict).toBe('ok');
    for (const { id, verdict, metrics } of status.components) {
      expect([typeof id, typeof verdict]).toEqual(['string', 'string']);
      for (const metric of metrics)
        expect(Object.keys(metric)).toEqual(expect.arrayContaining(['name', 'value', 'unit', 'ageSeconds']));
    }
  });

  test('ends with 3 for what is bad, and for what cannot be known, and tells them apart', async () => {
    fake.targets.set('api', []);
    const bad = await runRoc(['status', '--json'], { cwd, env });
    expect([bad.exitCode, bad.json<Status>().verdict]).toEqual([3, 'bad']);
    const blind = fakeInstallation(Date.now);
    blind.refused.add('rds:DescribeDBInstances');
    aws.handlers = blind.handlers;
    const unknown = await runRoc(['status', '--json'], { cwd, env });
    expect([unknown.exitCode, unknown.json<Status>().verdict]).toEqual([3, 'unknown']);
  });

  test('says what is missing where nothing is named', async () => {
    const { exitCode: code, stderr } = await runRoc(['status'], { env });
    expect(code).toBe(2);
    expect(stderr).toContain('nothing to look at');
  });

  test('without credentials ends with 5', async () => {
    const alone = { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: 'true' };
    expect((await runRoc(['status'], { cwd, env: alone })).exitCode).toBe(5);
  });

  test('with --watch --json prints a line a look until it is interrupted, and ends with 0', async () => {
    const program = startRoc(['status', '--watch', '--every', '10s', '--json'], { cwd, env });
    await until('a line', () => program.stdout().includes('\n'));
    program.child.kill('SIGINT');
    expect((await program.ended).exitCode).toBe(0);
    const lines = program.stdout().trim().split('\n');
    expect(JSON.parse(lines[0]!)).toMatchObject({ verdict: 'ok' });
  });
});

describeWith(['botocore', 'python3'], 'roc status on a terminal', () => {
  test('fits 80 columns, in colour, and has none with NO_COLOR', async () => {
    const aws = await startFakeAws(fakeInstallation(Date.now).handlers);
    const roc = [process.execPath, projectPath('bin', 'roc.cjs'), 'status'];
    const flags = ['--region', 'eu-west-1', '--asg', 'roc-prod', '--database', 'roc-prod-db'];
    const env = {
      ...{
        ...process.env,
        AWS_ACCESS_KEY_ID: 'AKIDROC',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_ENDPOINT_URL: aws.url,
      },
      ...{ LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', NO_COLOR: undefined, FORCE_COLOR: undefined },
    };
    const coloured = await runInTerminal([...roc, ...flags], [], env);
    const plain = await runInTerminal([...roc, ...flags], [], { ...env, NO_COLOR: '1' });
    await aws.close();
    expect(coloured.screen).toContain('\u001b[32m●');
    expect(plain.screen).not.toContain('\u001b');
    const lines = plain.screen.split(/\r?\n/);
    expect(lines.find((line) => line.includes('roc-prod-db'))).toBeDefined();
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
