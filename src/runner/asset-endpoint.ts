/** Where a robot asks for its assets: a loopback address that lives as long as the robot, behind a token of its own. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRocError } from '../kernel/errors.js';
import { SECOND } from '../kernel/time.js';
import { statusOf } from './verdict.js';

export interface AssetEndpoint {
  /** `GET URL/NAME` with the token as Bearer answers the value as plain text. */
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

const MOST_CONNECTIONS = 64;
const HOST = '127.0.0.1';

/** @param read throws a RocError whose details may carry the server's status */
export async function openAssetEndpoint(read: (asset: string) => Promise<string>): Promise<AssetEndpoint> {
  const token = randomBytes(32).toString('base64url');
  const server = createServer(
    { requestTimeout: 10 * SECOND, headersTimeout: 5 * SECOND },
    (request, response) => {
      void answerTo(request, `${HOST}:${portOf(server)}`, token, read).then(({ status, text }) => {
        const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' };
        response.writeHead(status, headers).end(text);
      });
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  // It must keep nobody's process alive.
  server.unref();
  return {
    url: `http://${HOST}:${portOf(server)}`,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerTo(
  { method, url = '/', headers }: IncomingMessage,
  host: string,
  token: string,
  read: (asset: string) => Promise<string>,
): Promise<Reply> {
  // A browser on this host that was told another name for this address asks with that name.
  if (headers.host !== host || !isSame(headers.authorization ?? '', `Bearer ${token}`))
    return refusal(401, 'the token of ROC_ASSETS_TOKEN is missing or wrong');
  if (method !== 'GET') return refusal(405, 'ask with GET');
  const [, asset] = /^\/([a-z0-9-]{1,64})$/.exec(url) ?? [];
  if (asset === undefined) return refusal(404, 'ask for /NAME');
  try {
    return { status: 200, text: await read(asset) };
  } catch (error) {
    const status = isRocError(error) ? statusOf(error) : null;
    return refusal(status ?? 502, isRocError(error) ? error.message : 'the runner could not get it');
  }
}

function refusal(status: number, text: string): Reply {
  return { status, text: `${text}\n` };
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
