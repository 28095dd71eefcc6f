import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.js';
import { type Mariadb, startMariadb } from '../helpers/mariadb.js';
import { describeWith } from '../helpers/parts.js';
import { startRoc } from '../helpers/roc.js';
import { tempDirs } from '../helpers/temp-dirs.js';

const newDir = tempDirs('waits');

describeWith(['mysql'], 'roc serve while its database is away', () => {
  let mariadb: Mariadb;
  let relay: Server | undefined;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(async () => {
    relay?.close();
    await mariadb?.stop();
  });

  it('waits and says so, ends at a signal, and starts as soon as the database is there', async () => {
    const database = new URL(await mariadb.createDatabase());
    const port = await freePort();
    const at = Object.assign(new URL(database), { port: String(port) }).href;
    const start = () =>
      startRoc(['serve', '--listen', '127.0.0.1:0', '--database', at, '--data-dir', newDir(), '--json']);
    const [stopped, waiting] = [start(), start()];
    for (const program of [stopped, waiting]) await program.waitFor(/waiting for it/, 60_000);
    expect((await stopped.stop('SIGTERM', 30_000)).exitCode).toBe(0);
    expect(stopped.stdout()).toBe('');
    relay = createServer((client) => {
      const upstream = connect(Number(database.port), database.hostname);
      for (const socket of [client, upstream]) socket.on('error', () => {});
      client.pipe(upstream).pipe(client);
    }).listen(port, '127.0.0.1');
    await waiting.waitFor(/"event":"listening"/, 60_000);
    const end = await waiting.stop('SIGTERM', 30_000);
    expect([end.exitCode, waiting.stdout().trim().split('\n')]).toEqual([0, [expect.any(String)]]);
  });
});
