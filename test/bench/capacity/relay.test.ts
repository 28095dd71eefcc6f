import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { startRelay } from './relay.js';

it('counts an answer that is waited for, however many pieces the question came in', async () => {
  // Answers each line by itself, in two pieces.
  const database = createServer((socket) => {
    let text = '';
    socket.setNoDelay(true).on('data', (piece) => {
      text += piece;
      for (; text.includes('\n'); text = text.slice(text.indexOf('\n') + 1))
        socket.write('ok', () => socket.write('\n'));
    });
  }).listen(0, '127.0.0.1');
  await once(database, 'listening');
  const { port } = database.address() as AddressInfo;
  const relay = await startRelay(`mysql://roc:secret@127.0.0.1:${port}/roc`);
  const { hostname, port: relayed, pathname } = new URL(relay.url);
  expect(pathname).toBe('/roc');
  const asking = connect({ host: hostname, port: Number(relayed), noDelay: true });
  let answer = '';
  asking.on('data', (piece) => (answer += piece));
  const answered = (count: number) =>
    expect.poll(() => answer.split('\n').length - 1, { timeout: 5000 }).toBe(count);
  asking.write('begin; sel');
  await new Promise((resolve) => asking.write('ect 1\n', resolve));
  await answered(1);
  expect(relay.roundTrips()).toBe(1);
  for (const n of [2, 3]) {
    asking.write('commit\n');
    await answered(n);
  }
  expect(relay.roundTrips()).toBe(3);
  await relay.close();
  await once(database.close(), 'close');
});
