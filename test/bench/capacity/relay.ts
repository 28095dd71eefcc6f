/** A relay in front of a database that counts how often somebody waits for its answer: packets, not statements. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  /** The database's URL by way of the relay. */
  readonly url: string;
  /** So far, over all connections: what was asked before the answer came is one. */
  roundTrips(): number;
  close(): Promise<void>;
}

export async function startRelay(databaseUrl: string): Promise<Relay> {
  const behind = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let roundTrips = 0;
  const server = createServer((asking) => {
    const answering = connect({ host: behind.hostname, port: Number(behind.port), noDelay: true });
    asking.setNoDelay(true);
    let isAnswered = true;
    asking.on('data', (piece) => {
      if (isAnswered) roundTrips++;
      isAnswered = false;
      answering.write(piece);
    });
    answering.on('data', (piece) => {
      isAnswered = true;
      asking.write(piece);
    });
    for (const [socket, other] of [
      [asking, answering],
      [answering, asking],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy()).on('close', () => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(databaseUrl), { host: `127.0.0.1:${port}` }).href,
    roundTrips: () => roundTrips,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
