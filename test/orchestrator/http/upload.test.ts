import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../../src/protocol/client.js';
import { type LiveServer, startLiveServer } from '../../helpers/live-server.js';
import { packedRobot, type RobotPackage, robotYaml } from '../../helpers/robot-package.js';
import { until } from '../../helpers/until.js';

let robot: RobotPackage;
let server: LiveServer;
let owner: string;

beforeAll(async () => {
  server = await startLiveServer();
  owner = await server.tokenOf('owner');
  robot = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
  await server.ok('versions.publish', {
    token: owner,
    params: { robot: 'totals', version: '1.0.0' },
    body: robot.bytes,
  });
  await server.ok('deployments.create', { token: owner, body: { robot: 'totals', version: '1.0.0' } });
});
afterAll(() => server.close());

describe('an upload', () => {
  const filesNow = () =>
    (readdirSync(server.dataDir, { recursive: true }) as string[])
      .filter((file) => !/roc\.db/.test(file))
      .sort();
  const rowsNow = () =>
    server.parts.store.db.selectFrom('robot_version').select(['id', 'blob_key']).execute();
  const put = (body: Buffer, version = '5.0.0') =>
    fetch(`${server.url}/api/v1/robots/totals/versions/${version}/content`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/zip' },
      body: body as unknown as string,
    });

  it('that is cut in the middle leaves nothing', async () => {
    const before = [filesNow(), await rowsNow()];
    const bytes = (
      await packedRobot({
        'robot.yaml': robotYaml('6.0.0'),
        'big.bin': randomBytes(3_000_000).toString('base64'),
      })
    ).bytes;
    for (const at of [0, 1, 1000, 1_000_000, bytes.length - 1]) {
      const head = `PUT /api/v1/robots/totals/versions/6.0.0/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${owner}\r\nContent-Type: application/zip\r\nContent-Length: ${bytes.length}\r\n\r\n`;
      const socket = connect(server.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(head);
      await new Promise<void>((resolve) => socket.write(bytes.subarray(0, at), () => resolve()));
      await new Promise((resolve) => setTimeout(resolve, 30));
      socket.destroy();
    }
    await until(
      'nothing to be left',
      async () => JSON.stringify([filesNow(), await rowsNow()]) === JSON.stringify(before),
    );
  });

  it('of the wrong name or version is refused', async () => {
    for (const [robotName, version] of [
      ['other', '1.0.0'],
      ['totals', '7.0.0'],
    ]) {
      const response = await fetch(`${server.url}/api/v1/robots/${robotName}/versions/${version}/content`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/zip' },
        body: robot.bytes as unknown as string,
      });
      expect(response.status).toBe(422);
      await response.body?.cancel();
    }
  });

  it('of other content under a published version is refused and leaves nothing', async () => {
    const before = [filesNow(), await rowsNow()];
    const other = await packedRobot({ 'robot.yaml': robotYaml('1.0.0'), 'main.js': 'console.log(2)\n' });
    const response = await put(other.bytes, '1.0.0');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ code: 'ROC_VERSION_EXISTS' });
    expect([filesNow(), await rowsNow()]).toEqual(before);
  });

  it('of what is published already changes nothing', async () => {
    const before = [filesNow(), await rowsNow()];
    const response = await put(robot.bytes, '1.0.0');
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ created: false });
    expect([filesNow(), await rowsNow()]).toEqual(before);
  });

  it('whose bytes changed on their way is refused', async () => {
    const client = createClient({ url: server.url, token: async () => owner, userAgent: 'test' });
    const upload = client.upload('versions.publish', Readable.from([robot.bytes]), robot.bytes.length, {
      params: { robot: 'totals', version: '1.0.0' },
      query: { project: 'default', sha256: '0'.repeat(64) },
    });
    await expect(upload).rejects.toMatchObject({ code: 'ROC_PACKAGE_INVALID' });
  });

  it('that says it is larger than allowed is refused before it comes, and the answer arrives', async () => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(`${server.url}/api/v1/robots/totals/versions/8.0.0/content`, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${owner}`,
          'content-type': 'application/zip',
          'content-length': 600 * 1024 * 1024,
        },
      });
      request.on('response', resolve).on('error', reject);
      request.write(Buffer.alloc(4 * 1024 * 1024));
    });
    expect(response.statusCode).toBe(413);
    response.destroy();
  });

  it('of JSON beyond its class is refused, and the answer arrives', async () => {
    const response = await fetch(`${server.url}/api/v1/projects`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'x'.repeat(3 * 1024 * 1024) }),
    });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'ROC_TOO_LARGE' });
  });
});

describe('a package that has rotted', () => {
  it('is a clear error where that shows at once, and a broken line where it shows later', async () => {
    const big = await packedRobot({
      'robot.yaml': robotYaml('3.0.0'),
      'big.bin': randomBytes(2_000_000).toString('base64'),
    });
    const params = { robot: 'totals', version: '3.0.0' };
    await server.ok('versions.publish', { token: owner, params, body: big.bytes });
    const row = await server.parts.store.db
      .selectFrom('robot_version')
      .select('blob_key')
      .where('version', '=', '3.0.0')
      .executeTakeFirstOrThrow();
    const file = join(server.dataDir, 'blobs', row.blob_key);
    const good = readFileSync(file);
    const pull = () =>
      fetch(`${server.url}/api/v1/robots/totals/versions/3.0.0/content`, {
        headers: { authorization: `Bearer ${owner}` },
      });
    const damage = (at: number) => {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      writeFileSync(file, bad);
    };
    damage(good.length >> 1);
    await expect(pull().then((response) => response.arrayBuffer())).rejects.toThrow();
    damage(20);
    const early = await pull();
    expect(early.status).toBe(500);
    expect(await early.json()).toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
    expect(server.faults.at(-1)).toMatchObject({ code: 'ROC_BLOB_CORRUPT' });
    writeFileSync(file, good.subarray(0, good.length - 1));
    expect(((await (await pull()).json()) as { code: string }).code).toBe('ROC_BLOB_CORRUPT');
    writeFileSync(file, good);
    expect(Buffer.from(await (await pull()).arrayBuffer()).equals(big.bytes)).toBe(true);
  });
});
