import { readFileSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBastion } from '../../src/exports/bastion.js';
import { verifyMysqlServer } from '../../src/kernel/mysql-identity.js';
import { makeCertificates } from '../helpers/certificates.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { describeWith } from '../helpers/parts.js';
import { runRoc, startRoc } from '../helpers/roc.js';
import { database, healthyAccount, TARGET } from '../helpers/ssm-gateway/account.js';
import { type Gateway, startGateway } from '../helpers/ssm-gateway/gateway.js';
import { makeTempDir, removeDir } from '../helpers/temp-dir.js';

const ENDPOINT = 'orders.abc.us-east-1.rds.amazonaws.com';
const MOVED = 'moved.abc.us-east-1.rds.amazonaws.com';
const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:orders';
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };

describeWith(['mariadbd', 'openssl', 'botocore'], 'a database behind an instance', () => {
  let server: Mariadb;
  let gateway: Gateway;
  let dir: string;
  let caFile: string;
  let port: number;
  let password: string;
  let endpoint = ENDPOINT;

  beforeAll(async () => {
    dir = makeTempDir('database');
    const certificates = makeCertificates(dir, [ENDPOINT]);
    caFile = certificates.caFile;
    server = await startMariadb({
      own: true,
      args: [
        `--ssl-ca=${caFile}`,
        `--ssl-cert=${certificates.certFile}`,
        `--ssl-key=${certificates.keyFile}`,
      ],
    });
    const url = new URL(await server.createDatabase());
    port = Number(url.port);
    password = url.password;
    Object.assign(process.env, CREDENTIALS);
    gateway = await startGateway({
      hosts: { [ENDPOINT]: '127.0.0.1', [MOVED]: '127.0.0.1' },
      aws: {
        ...healthyAccount(),
        'rds:DescribeDBInstances': () => ({
          DBInstances: [{ ...database, Endpoint: { Address: endpoint, Port: port } }],
        }),
        'secretsmanager:GetSecretValue': () => ({
          SecretString: JSON.stringify({ username: 'roc', password }),
        }),
      },
    });
  });
  afterAll(async () => {
    expect(gateway.complaints).toEqual([]);
    await gateway.close();
    await server.stop();
    removeDir(dir);
  });
  const env = () => ({ ...CREDENTIALS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: gateway.url });
  const db = (...flags: string[]) => ['bastion', 'db', TARGET, '--database', 'orders', ...flags];

  it('db: checks the certificate against the name of the endpoint, and gives a DSN that signs in', async () => {
    const program = startRoc(db('--secret', SECRET, '--ca', caFile, '--json'), { env: env() });
    const line = JSON.parse((await program.waitFor(/\{.*\}/))[0]) as {
      dsn: string;
      identity: Record<string, unknown>;
    };
    expect(line.identity).toMatchObject({
      subject: 'roc test server',
      issuer: 'roc test CA',
      protocol: expect.stringMatching(/^TLSv1/),
    });
    const connection = await createConnection({ uri: line.dsn, ssl: { ca: readFileSync(caFile, 'utf8') } });
    const [rows] = await connection.query(
      "SELECT 6*7 AS answer, (SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_version') AS tls",
    );
    expect(rows).toMatchObject([{ answer: 42, tls: expect.stringMatching(/^TLSv1/) }]);
    await connection.end();
    expect(await program.stop('SIGINT')).toEqual({ exitCode: 0, signal: null });
  });

  it('db --client: runs the client there, its input and its exit code', async () => {
    const result = await runRoc(db('--secret', SECRET, '--ca', caFile, '--client'), {
      env: env(),
      input: 'SELECT 6*7;',
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^42$/m) });
  });

  it('db: a server with a certificate of another name is refused before anything is given out', async () => {
    endpoint = MOVED;
    const result = await runRoc(db('--secret', SECRET, '--ca', caFile), { env: env() });
    endpoint = ENDPOINT;
    expect(result.stderr).toMatch(new RegExp(`certificate of ${MOVED} is not to be trusted`));
    expect(result).toMatchObject({ exitCode: 4, stdout: '' });
  });

  it('db: without the authority it says where to get it', async () => {
    const result = await runRoc(db('--secret', SECRET), { env: env() });
    expect(result.stderr).toMatch(/is not to be trusted[\s\S]*--ca/);
    expect(result.exitCode).toBe(4);
  });

  it('db --auth iam: the token is signed for the real endpoint', async () => {
    const program = startRoc(db('--auth', 'iam', '--user', 'app', '--ca', caFile, '--json'), { env: env() });
    const { dsn } = JSON.parse((await program.waitFor(/\{.*\}/))[0]) as { dsn: string };
    await program.stop('SIGINT');
    const token = decodeURIComponent(new URL(dsn).password);
    expect(token).toMatch(new RegExp(`^${ENDPOINT}:${port}/\\?Action=connect&DBUser=app&`));
    expect(token).toMatch(/X-Amz-Credential=testing.*rds-db/);
  });

  it('forward: a client reaches it too', async () => {
    const program = startRoc(['bastion', 'forward', TARGET, '--to', `${ENDPOINT}:${port}`, '--json'], {
      env: env(),
    });
    const { localPort } = JSON.parse((await program.waitFor(/\{.*\}/))[0]) as { localPort: number };
    const connection = await createConnection({ host: '127.0.0.1', port: localPort, user: 'roc', password });
    const [rows] = await connection.query("SELECT REPEAT('x', 1000000) AS much");
    expect((rows as { much: string }[])[0]?.much).toHaveLength(1_000_000);
    await connection.end();
    await program.stop('SIGINT');
  });

  it('the tunnel port: TLS verified on the stream itself, against the real name', async () => {
    const { openTunnel } = createBastion({ region: 'us-east-1', endpointUrl: gateway.url });
    const tunnel = await openTunnel({
      target: TARGET,
      host: ENDPOINT,
      port,
      signal: new AbortController().signal,
    });
    const connectAs = async (host: string) => {
      const stream = await tunnel.connect();
      return createConnection({
        host,
        stream,
        user: 'roc',
        password,
        ssl: { ca: readFileSync(caFile, 'utf8'), rejectUnauthorized: true, verifyIdentity: true },
      });
    };
    const connection = await connectAs(ENDPOINT);
    expect((await connection.query('SELECT 1 AS one'))[0]).toEqual([{ one: 1 }]);
    await connection.end();
    await expect(
      verifyMysqlServer(await tunnel.connect(), MOVED, readFileSync(caFile, 'utf8')),
    ).rejects.toMatchObject({
      code: 'ROC_REFUSED',
      message: expect.stringMatching(/altnames/),
    });
    await tunnel.close();
  });

  it('a failover is followed: the name is looked up anew after refusals', async () => {
    const { openTunnel } = createBastion({ region: 'us-east-1', endpointUrl: gateway.url });
    gateway.options.hosts = { [ENDPOINT]: '127.0.0.3' };
    const tunnel = await openTunnel({
      target: TARGET,
      host: ENDPOINT,
      port,
      signal: new AbortController().signal,
    });
    gateway.options.hosts = { [ENDPOINT]: '127.0.0.1', [MOVED]: '127.0.0.1' };
    const attempt = async () => {
      const connection = await createConnection({ stream: await tunnel.connect(), user: 'roc', password });
      await connection.end();
    };
    await expect(attempt()).rejects.toThrow(/could not connect to the destination/);
    await expect(attempt()).rejects.toThrow(/could not connect to the destination/);
    await attempt();
    await tunnel.close();
  });
});
