/** The helpers themselves, each against the real program that it starts. */

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from './browser.js';
import { startLoadBalancer } from './haproxy.js';
import { type Mariadb, startMariadb } from './mariadb.js';
import { type Moto, startMoto } from './moto.js';
import { describeWith } from './parts.js';
import { startProgram } from './program.js';
import { runRoc } from './roc.js';

describeWith('mysql', 'a MariaDB server', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb();
  });
  afterAll(() => server.stop());

  it('gives empty databases that read committed', async () => {
    const connection = await createConnection(await server.createDatabase());
    const [rows] = await connection.query('SELECT @@tx_isolation AS isolation, DATABASE() AS name');
    await connection.end();
    expect(rows).toEqual([
      { isolation: 'READ-COMMITTED', name: expect.stringMatching(/^roc_[0-9a-f]{12}$/) },
    ]);
  });
});

describeWith(['mariadbd', 'openssl'], 'a MariaDB server with TLS', () => {
  let server: Mariadb;
  beforeAll(async () => {
    server = await startMariadb({ tls: true });
  });
  afterAll(() => server.stop());

  it('refuses plain connections and presents a certificate of its own authority', async () => {
    const uri = await server.createDatabase();
    await expect(createConnection(uri)).rejects.toMatchObject({ errno: 1045 });
    const connection = await createConnection({
      uri,
      ssl: { ca: readFileSync(server.caFile ?? '', 'utf8') },
    });
    const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_version'");
    await connection.end();
    expect(rows).toMatchObject([{ Value: expect.stringMatching(/^TLSv1\.[23]$/) }]);
  });

  it('keeps what was committed through a crash', async () => {
    await server.execute('CREATE DATABASE kept');
    await server.crashAndRestart();
    await expect(server.execute('DROP DATABASE kept')).resolves.toBeUndefined();
  });
});

describeWith('aws', 'moto_server', () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(() => moto.stop());

  it('keeps what clients make and forgets it on reset', async () => {
    const s3 = new S3Client({
      endpoint: moto.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    });
    const count = async () => (await s3.send(new ListBucketsCommand({}))).Buckets?.length;
    await s3.send(new CreateBucketCommand({ Bucket: 'robots' }));
    expect(await count()).toBe(1);
    await moto.reset();
    expect(await count()).toBe(0);
  });
});

describeWith('haproxy', 'a load balancer', () => {
  it('sends requests to every healthy server and to no other', async () => {
    const servers = await Promise.all(['a', 'b', 'sick'].map(namedServer));
    const balancer = await startLoadBalancer({ servers: servers.map((server) => server.address) });
    try {
      const seen = new Set<string>();
      await expect
        .poll(async () => {
          seen.clear();
          for (let i = 0; i < 12; i++) seen.add(await (await fetch(balancer.url)).text());
          return [...seen].sort();
        })
        .toEqual(['a', 'b']);
    } finally {
      await balancer.stop();
      for (const server of servers) server.close();
    }
  });
});

describeWith('browser', 'chromium', () => {
  it('opens a page and leaves no profile behind', async () => {
    const browser = await launchBrowser();
    const page = await browser.newPage();
    await page.setContent('<h1>roc</h1>');
    expect(await page.textContent('h1')).toBe('roc');
    await browser.close();
  });
});

describe('the built roc', () => {
  it('runs with a clean environment', async () => {
    const { exitCode, stdout } = await runRoc(['--version']);
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: `roc/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`,
    });
  });
});

describe('a started program', () => {
  it('says what it wrote when what was waited for never came', async () => {
    const program = startProgram(process.execPath, ['-e', 'console.log("something else")']);
    await expect(program.waitFor(/ready/)).rejects.toThrow(
      /before it ended \(0\); it wrote:\nsomething else/,
    );
  });

  it('is killed when it does not listen to the polite signal', async () => {
    const deaf = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)';
    const program = startProgram(process.execPath, ['-e', deaf]);
    await program.waitFor(/up/);
    expect(await program.stop('SIGTERM', 100)).toEqual({ exitCode: null, signal: 'SIGKILL' });
    expect(existsSync(`/proc/${program.pid}`)).toBe(false);
  });
});

async function namedServer(name: string): Promise<{ address: string; close: () => void }> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/healthz' && name === 'sick' ? 503 : 200;
    response.end(name);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return { address: `127.0.0.1:${address.port}`, close: () => server.close() };
}
