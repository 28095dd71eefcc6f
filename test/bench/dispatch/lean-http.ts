/**
 * As little of an HTTP/1.1 client as the benchmarks need: the load shall cost as few of the two cores as it can. One
 * request at a time on each connection, connections that stay, answers with a Content-Length or none at all.
 */
import { connect, type Socket } from 'node:net';

/**
 * Sends JSON, with an Idempotency-Key where one is given, and gives what came back, parsed; null for an empty answer.
 * Rejects with the text of any other than 2xx.
 */
// biome-ignore lint/suspicious/noExplicitAny: answers of a benchmark, each used once
export type Caller = (path: string, token: string | null, body: unknown, key?: string) => Promise<any>;

export interface LeanClient {
  readonly call: Caller;
  close(): void;
}

export function createLeanClient(url: string): LeanClient {
  const { hostname, port } = new URL(url);
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  return {
    call: async (path, token, body, key) => {
      const connection = takeOpen(idle) ?? openConnection(hostname, Number(port));
      all.add(connection);
      const { status, text } = await connection.send(requestOf(hostname, path, { token, key }, body));
      idle.push(connection);
      if (status >= 300) throw new TypeError(`${path}: ${status} ${text}`);
      return text === '' ? null : JSON.parse(text);
    },
    close: () => {
      for (const { socket } of all) socket.destroy();
    },
  };
}

/** The one that has rested longest: a server closes what rests for long, and what is written there is never answered. */
function takeOpen(idle: Connection[]): Connection | undefined {
  for (let next = idle.shift(); next !== undefined; next = idle.shift())
    if (!next.socket.destroyed) return next;
  return undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Connection {
  readonly socket: Socket;
  send(request: string): Promise<Answer>;
}

function requestOf(
  host: string,
  path: string,
  { token, key }: { readonly token: string | null; readonly key: string | undefined },
  body: unknown,
): string {
  const text = JSON.stringify(body);
  const authorization = token === null ? '' : `authorization: Bearer ${token}\r\n`;
  const once = key === undefined ? '' : `idempotency-key: ${key}\r\n`;
  return `POST /api/v1${path} HTTP/1.1\r\nhost: ${host}\r\n${authorization}${once}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

function openConnection(host: string, port: number): Connection {
  const socket = connect({ host, port, noDelay: true });
  let received = '';
  let settle: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;
  // One byte a character, so that lengths are bytes; the text itself is read as UTF-8 once it is whole.
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    received += piece;
    const answer = readAnswer(received);
    if (answer === null || settle === null) return;
    received = '';
    const { resolve } = settle;
    settle = null;
    resolve(answer);
  });
  const fail = (error?: Error) => settle?.reject(error ?? new TypeError('the connection was closed'));
  socket.on('error', fail).on('close', () => fail());
  return {
    socket,
    send: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
  };
}

function readAnswer(received: string): Answer | null {
  const end = received.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, end))?.[1] ?? 0);
  if (received.length < end + 4 + length) return null;
  const text = Buffer.from(received.slice(end + 4), 'latin1').toString();
  return { status: Number(received.slice(9, 12)), text };
}
