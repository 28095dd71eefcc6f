import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createS3Blobs } from '../../../src/orchestrator/blobs/s3.js';

const LIMIT_MS = 1500;
const PIECE = Buffer.alloc(1024, 'x');

beforeAll(() => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' });
});

describe('an object that takes longer to read than a call may (beside a fake store)', () => {
  const closing: (() => void)[] = [];
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  async function storeThat(answer: (response: ServerResponse) => Promise<void>) {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-length': `${8 * PIECE.length}` });
      void answer(response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closing.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const target = { region: 'eu-west-1', endpointUrl };
    return createS3Blobs({ bucket: 'b', prefix: '', kmsKey: null, target, limitMs: LIMIT_MS });
  }

  it('comes whole as long as it comes', async () => {
    const blobs = await storeThat(async (response) => {
      for (let n = 0; n < 8; n++) {
        response.write(PIECE);
        await sleep(LIMIT_MS / 6);
      }
      response.end();
    });
    expect(await buffer(await blobs.get('k'))).toHaveLength(8 * PIECE.length);
  });

  it('comes whole to a reader that lets it wait', async () => {
    const blobs = await storeThat(async (response) => {
      for (let n = 0; n < 8; n++) response.write(PIECE);
      response.end();
    });
    let bytes = 0;
    for await (const piece of await blobs.get('k')) {
      if (bytes === 0) await sleep(LIMIT_MS * 1.3);
      bytes += (piece as Buffer).length;
    }
    expect(bytes).toBe(8 * PIECE.length);
  });

  it('is given up where no more of it comes', async () => {
    const blobs = await storeThat(async (response) => void response.write(PIECE));
    const reading = blobs.get('k').then(buffer);
    await expect(reading).rejects.toMatchObject({ code: 'ROC_UNAVAILABLE' });
  });

  it('is unavailable where it breaks off', async () => {
    const blobs = await storeThat(async (response) => {
      response.write(PIECE);
      await sleep(50);
      response.destroy();
    });
    const reading = blobs.get('k').then(buffer);
    await expect(reading).rejects.toMatchObject({ code: 'ROC_UNAVAILABLE' });
  });
});
