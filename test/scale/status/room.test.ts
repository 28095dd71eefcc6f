import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/kernel/config.js';
import { RocError } from '../../../src/kernel/errors.js';
import { openStatus } from '../../../src/scale/status/room.js';
import { takenLines } from '../../../src/scale/status/screen.js';
import { makeTempDir, removeDir } from '../../helpers/temp-dir.js';

let dir: string;
let server: Server;
let url: string;

beforeEach(async () => {
  dir = makeTempDir();
  server = createServer((request, response) => {
    const ready = { verdict: 'ready', checks: { database: { verdict: 'pass' } } };
    response.end(request.url === '/readyz' ? JSON.stringify(ready) : '{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.close();
  removeDir(dir);
});

async function room(flags: Record<string, string>, signedInUrl: string | null = null) {
  const env = { HOME: dir };
  const config = await loadConfig({ cwd: dir, env, file: undefined });
  const client = () => Promise.reject(new RocError('ROC_UNAUTHENTICATED', 'not signed in'));
  return openStatus({ config, cwd: dir, env, flags, clientUrl: null, signedInUrl, client, now: Date.now });
}

describe('openStatus', () => {
  it('looks at a server alone without a region and credentials of AWS', async () => {
    const look = await room({ url });
    const taken = await look();
    expect(taken.status.region).toBe(null);
    expect(taken.status.components.map(({ id }) => id)).toEqual(['orchestrator']);
    const lines = takenLines(taken, null, { width: 80, isColoured: false, isUnicode: true });
    expect(lines.join('\n')).not.toMatch(/null|metrics read/);
  });

  it('looks at the server that this shell is signed in to, where nothing else is named', async () => {
    const { status } = await (await room({}, url))();
    expect(status.components.map(({ id }) => id)).toEqual(['orchestrator']);
  });

  it('asks for a region where a part on AWS is named, and says how to go on where nothing is', async () => {
    await expect(room({ url, asg: 'roc' })).rejects.toMatchObject({ code: 'ROC_REGION_MISSING' });
    await expect(room({})).rejects.toMatchObject({
      code: 'ROC_USAGE',
      hint: expect.stringContaining('roc login'),
    });
  });
});
