import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import type { RdsAsset } from '../../src/backup/model.js';
import { openWay } from '../../src/backup/way.js';
import { freePort } from '../helpers/free-port.js';

const asset = { connect: { via: 'direct' } } as unknown as RdsAsset;
const way = (host: string, port: number) =>
  openWay(asset, host, port, {
    openTunnel: () => Promise.reject(new TypeError('no tunnel is asked for')),
    signal: new AbortController().signal,
  });

it('tries again where a database refuses connections for a moment', async () => {
  const port = await freePort();
  const { connect } = await way('127.0.0.1', port);
  const connecting = connect();
  const server = createServer();
  setTimeout(() => server.listen(port, '127.0.0.1'), 700);
  const socket = await connecting;
  socket.destroy();
  server.close();
});

it('says at once why a name that nobody knows is not reached', async () => {
  const { connect } = await way('no-such-host.invalid', 3306);
  await expect(connect()).rejects.toMatchObject({
    code: 'ROC_UNREACHABLE',
    message: expect.stringMatching(
      /^no-such-host\.invalid:3306 cannot be reached from here \((ENOTFOUND|EAI_AGAIN)\)$/,
    ),
  });
});
