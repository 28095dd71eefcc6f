/** A server with a certificate of its own authority, from the shell. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeCertificates } from '../helpers/certificates.js';
import { freePort } from '../helpers/free-port.js';
import { describeWith } from '../helpers/parts.js';
import type { Program } from '../helpers/program.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

describeWith('openssl', 'roc over TLS', () => {
  const dir = makeTempDir('tls');
  let server: Program;
  let url: string;
  let ca: string;
  beforeAll(async () => {
    const { caFile, certFile, keyFile } = makeCertificates(dir);
    ca = caFile;
    const listen = `127.0.0.1:${await freePort()}`;
    url = `https://${listen}`;
    const args = [
      '--listen',
      listen,
      '--data-dir',
      join(dir, 'data'),
      '--tls-cert',
      certFile,
      '--tls-key',
      keyFile,
    ];
    server = startRoc(['serve', ...args], { home: dir, env: { ROC_ADMIN_PASSWORD: 'correct horse' } });
    await server.waitFor(/roc listens on https/);
  });
  afterAll(async () => {
    await server.stop();
    removeDir(dir);
  });

  const login = (env: Record<string, string>) =>
    runRoc(['login', '--url', url, '--email', 'admin@localhost', '--password-stdin'], {
      home: dir,
      input: 'correct horse',
      env,
    });

  it('is refused where the authority is not known, and says how to make it known', async () => {
    const { exitCode, stdout, stderr } = await login({});
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
    expect(stderr).toContain('NODE_EXTRA_CA_CERTS');
  });

  it('works where it is', async () => {
    const env = { NODE_EXTRA_CA_CERTS: ca };
    expect(await login(env)).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await runRoc(['whoami'], { home: dir, env })).stdout).toContain(`server  ${url}\n`);
    const doctor = await runRoc(['doctor', '--json'], { home: dir, env });
    const { checks } = doctor.json<{ checks: { id: string; verdict: string }[] }>();
    for (const id of ['server', 'clock', 'session'])
      expect(checks.find((check) => check.id === id)?.verdict, id).toBe('ok');
  });
});
