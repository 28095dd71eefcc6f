/** A TCP relay whose connections can be cut, frozen, left behind, or closed just as an answer would come back. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpCutter {
  readonly port: number;
  /** Ends every connection at once; new ones are made as before. */
  cut(): void;
  /** As when the host at the other end vanishes: nothing is heard any more over what is open; new ones are made as before. */
  strand(): void;
  /** Bytes of one direction vanish while the connection stays; null heals it. */
  freeze(direction: 'up' | 'down' | null): void;
  /** From now on this share of the requests (0 to 1) arrives, and its answer never does: the connection ends instead. */
  loseAnswers(share: number): void;
  close(): Promise<void>;
}

/** @param random numbers in [0, 1), from the scenario's seed */
export async function startTcpCutter(
  target: { readonly host: string; readonly port: number },
  random: () => number,
): Promise<TcpCutter> {
  const pairs = new Set<() => void>();
  const strands = new Set<() => void>();
  let frozen: 'up' | 'down' | null = null;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    let isStranded = false;
    const end = () => {
      pairs.delete(end);
      strands.delete(strand);
      client.destroy();
      upstream.destroy();
    };
    // The server of a host that vanished does nothing more for its clients, and they are not told.
    const strand = () => {
      isStranded = true;
      upstream.destroy();
    };
    pairs.add(end);
    strands.add(strand);
    for (const socket of [client, upstream]) {
      socket.on('error', () => isStranded || end()).setNoDelay(true);
      socket.on('close', () => (isStranded && socket === upstream ? undefined : end()));
    }
    let isLosing = false;
    client.on('data', (bytes) => {
      if (frozen === 'up' || isStranded) return;
      isLosing = lost > 0 && random() < lost;
      relay(client, upstream, bytes);
    });
    upstream.on('data', (bytes) => {
      if (frozen === 'down') return;
      if (isLosing) end();
      else relay(upstream, client, bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const end of [...pairs]) end();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    strand: () => {
      for (const strand of [...strands]) strand();
    },
    freeze: (direction) => {
      frozen = direction;
      // What vanished can never be sent again: such a connection must not come back to life out of step.
      if (direction === null) cut();
    },
    loseAnswers: (share) => {
      lost = share;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

function relay(from: Socket, to: Socket, bytes: Buffer): void {
  if (to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}
