/** A TCP server to measure and check transfers against: takes, gives, or echoes, as its first line asks. */
import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';

/**
 * `up N`: takes N bytes and answers with their SHA-256 in hex. `down N`: sends N bytes of {@link pattern}, starting
 * at offset 0. `echo`: sends back what comes. Resolves with the server, listening on a free port.
 */
export async function startWorkload(): Promise<{ port: number; server: Server }> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    let head = Buffer.alloc(0);
    const onHead = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const at = head.indexOf('\n');
      if (at < 0) return;
      socket.off('data', onHead);
      socket.pause();
      const [verb, count] = head.toString('latin1', 0, at).split(' ');
      const rest = head.subarray(at + 1);
      if (rest.length > 0) socket.unshift(rest);
      if (verb === 'up') takeAll(socket, Number(count));
      else if (verb === 'down') void giveAll(socket, Number(count));
      else socket.pipe(socket);
      socket.resume();
    };
    socket.on('data', onHead);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, server };
}

const BLOCK = 64 * 1024;

/** Bytes that differ from block to block, so that a lost or repeated one shows. */
export function pattern(offset: number, length: number): Buffer {
  const block = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i += 4) {
    const value = Math.imul((offset + i) >>> 2, 2654435761) >>> 0;
    block.writeUInt32LE(value, Math.min(i, length - 4));
  }
  return block;
}

export function patternSha256(length: number): string {
  const hash = createHash('sha256');
  for (let offset = 0; offset < length; offset += BLOCK)
    hash.update(pattern(offset, Math.min(BLOCK, length - offset)));
  return hash.digest('hex');
}

function takeAll(socket: Socket, expected: number): void {
  const hash = createHash('sha256');
  let taken = 0;
  socket.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    taken += chunk.length;
    if (taken >= expected) socket.end(`${hash.digest('hex')}\n`);
  });
}

async function giveAll(socket: Socket, count: number): Promise<void> {
  for (let offset = 0; offset < count && !socket.destroyed; offset += BLOCK) {
    if (socket.write(pattern(offset, Math.min(BLOCK, count - offset)))) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        socket.off('drain', go);
        socket.off('close', go);
        resolve();
      };
      socket.on('drain', go);
      socket.on('close', go);
    });
  }
  socket.end();
}
