/** What the container starts and is asked by, run here without a container: no engine builds the image in this test. */
import { chmodSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../helpers/free-port.js';
import { describeWith } from '../helpers/parts.js';
import { type Program, startProgram } from '../helpers/program.js';
import { projectPath } from '../helpers/project.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';
import { templateFor } from './samples.js';

describeWith('openssl', "the container's entry point", () => {
  const dir = makeTempDir('container');
  let server: Program;
  let env: Record<string, string | undefined>;

  const health = () =>
    startProgram(process.execPath, [projectPath('container/health.mjs')], { env }).ended.then(
      ({ exitCode }) => exitCode,
    );

  beforeAll(async () => {
    mkdirSync(join(dir, 'run'));
    chmodSync(join(dir, 'run'), 0o700);
    env = {
      ...process.env,
      HOME: dir,
      ROC_CONTAINER_APP: projectPath('.'),
      ROC_CONTAINER_RUN: join(dir, 'run'),
      ROC_SERVER__LISTEN: `127.0.0.1:${await freePort()}`,
    };
    expect(await health()).toBe(1);
    server = startProgram(
      '/bin/sh',
      [projectPath('container/entrypoint.sh'), 'serve', '--data-dir', join(dir, 'data')],
      { env, cwd: dir },
    );
    await server.waitFor(/roc listens on https:/, 60_000);
  }, 90_000);

  afterAll(async () => {
    await server?.stop('SIGKILL');
    removeDir(dir);
  });

  test('serves HTTPS with a certificate of its own, whose key nobody else may read', async () => {
    expect(await health()).toBe(0);
    expect(readFileSync(join(dir, 'run/cert.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
    expect(statSync(join(dir, 'run/key.pem')).mode & 0o077).toBe(0);
  });

  test('hands SIGTERM to the server, which ends by itself', async () => {
    expect(await server.stop('SIGTERM', 30_000)).toMatchObject({ exitCode: 0 });
    expect(await health()).toBe(1);
  }, 40_000);

  test('runs any other command as it is', async () => {
    const roc = startProgram('/bin/sh', [projectPath('container/entrypoint.sh'), '--version'], { env });
    expect(await roc.ended).toMatchObject({ exitCode: 0 });
    expect(roc.stdout()).toContain('roc/');
  });
});

describe('what instances run at their first start', () => {
  test.each(['AppLaunchTemplate', 'OpsLaunchTemplate', 'BastionLaunchTemplate'])(
    '%s is a shell script',
    async (id) => {
      const { Resources } = await templateFor('prod');
      const data = Resources[id]?.Properties?.['LaunchTemplateData'] as {
        UserData: { 'Fn::Base64': unknown };
      };
      const input = scriptOf(data.UserData['Fn::Base64']);
      const shell = startProgram('bash', ['-n'], { input });
      expect(await shell.ended, shell.stderr()).toMatchObject({ exitCode: 0 });
      for (const [, text = ''] of input.matchAll(/^cat > \S+\.json <<'ROC_END'\n(.*)\nROC_END$/gm))
        expect(() => JSON.parse(text)).not.toThrow();
    },
  );
});

/** The text as CloudFormation would join it, with a word in place of what only AWS knows. */
function scriptOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join } = value as { 'Fn::Join': [string, unknown[]] };
  return join[1].map((part) => (typeof part === 'string' ? part : 'value')).join(join[0]);
}
