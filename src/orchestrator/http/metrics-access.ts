/** Who may read /metrics: a token, addresses that are allowed, or this host itself. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { RocError } from '../../kernel/errors.js';

export interface MetricsAccess {
  /** Bearer token that opens it from anywhere. */
  readonly token: string | null;
  /** Addresses and networks that need none. */
  readonly allow: readonly string[];
}

/** @throws RocError ROC_UNAUTHENTICATED */
export type GuardMetrics = (request: Pick<FastifyRequest, 'ip' | 'headers'>) => void;

const LOOPBACK = ['127.0.0.0/8', '::1'];
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'];

export function createMetricsGuard({ token, allow }: MetricsAccess, trustsProxies: boolean): GuardMetrics {
  const [own, allowed] = [listOf(LOOPBACK), listOf(allow)];
  return ({ ip, headers }) => {
    if (isIn(allowed, ip)) return;
    // A proxy on this host makes everybody look like this host, unless it is trusted to say who asks.
    const isOwn = isIn(own, ip) && (trustsProxies || FORWARDED.every((name) => headers[name] === undefined));
    if (isOwn && token === null) return;
    if (token !== null && isSame(headers.authorization ?? '', `Bearer ${token}`)) return;
    throw new RocError('ROC_UNAUTHENTICATED', 'metrics are not open to this address', {
      hint: 'Set server.metricsToken and send it as Authorization: Bearer, or name the address in server.metricsAllow.',
    });
  };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function isIn(list: BlockList, ip: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip;
  const family = isIP(mapped);
  return family !== 0 && list.check(mapped, family === 4 ? 'ipv4' : 'ipv6');
}

/** In the same time whatever was sent. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
