import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DataChannel } from '../../src/bastion/session/data-channel.js';
import type { Deadlines } from '../../src/bastion/session/deadlines.js';
import { openSession } from '../../src/bastion/session/open-session.js';
import type { SessionApi } from '../../src/bastion/session/ports.js';
import { openTunnelPool, type TunnelPool } from '../../src/bastion/session/tunnel-pool.js';
import { RocError } from '../../src/kernel/errors.js';
import { directApi } from '../helpers/ssm-gateway/direct-api.js';
import { type Gateway, type GatewayOptions, startGateway } from '../helpers/ssm-gateway/gateway.js';
import { download, echo, upload } from '../helpers/ssm-gateway/transfers.js';
import { patternSha256, startWorkload } from '../helpers/ssm-gateway/workload.js';
import { until } from '../helpers/until.js';

const isLong = process.env['ROC_TEST_SIZE'] === 'long';
const MB = 1_000_000;
const TARGET = 'i-0123456789abcdef0';
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Stage {
  readonly gateway: Gateway;
  readonly pool: TunnelPool;
  connect(): Promise<Duplex>;
}

async function stage(
  options: GatewayOptions,
  more: {
    api?: (api: SessionApi, gateway: Gateway) => SessionApi;
    deadlines?: Partial<Deadlines>;
    parallel?: number;
    port?: number;
  } = {},
): Promise<Stage> {
  const gateway = await startGateway(options);
  const workload = await startWorkload();
  const direct = directApi(gateway);
  closers.push(
    () => gateway.close(),
    () => workload.server.close(),
  );
  const pool = await openTunnelPool({
    api: more.api?.(direct, gateway) ?? direct,
    request: {
      target: TARGET,
      document: 'AWS-StartPortForwardingSessionToRemoteHost',
      parameters: { host: ['127.0.0.1'], portNumber: [String(more.port ?? workload.port)] },
    },
    parallel: more.parallel,
    deadlines: more.deadlines,
  });
  closers.push(() => pool.close());
  return { gateway, pool, connect: () => pool.connect() };
}

const sessionOf = (gateway: Gateway) => {
  const [session] = [...gateway.sessions.values()];
  if (session === undefined) throw new TypeError('no session');
  return session;
};

describe('transfers over a bad gateway', () => {
  const size = isLong ? 1000 * MB : 12 * MB;

  it(`${size / MB} MB up under 2 % drop, duplication and reordering arrive as they were`, async () => {
    const faults = { drop: 0.02, duplicate: 0.02, reorder: 0.02, reorderBy: 10 };
    const { gateway, connect } = await stage({ seed: 7, toAgent: faults, toClient: faults });
    expect(await upload(await connect(), size)).toBe(patternSha256(size));
    expect(sessionOf(gateway).toAgent.counts.dropped).toBeGreaterThan(size / 1024 / 100);
    expect(gateway.complaints).toEqual([]);
  });

  it(`${size / MB} MB down under cuts and hourly closes arrive as they were`, async () => {
    const { gateway, connect } = await stage({
      agent: { resend: 'prompt' },
      session: { byeEvery: isLong ? 60_000 : 3000 },
    });
    const cut = setInterval(() => sessionOf(gateway).cut(), isLong ? 3000 : 400);
    try {
      const { sha256, bytes } = await download(await connect(), size);
      expect({ sha256, bytes }).toEqual({ sha256: patternSha256(size), bytes: size });
    } finally {
      clearInterval(cut);
    }
    expect(sessionOf(gateway).links).toBeGreaterThan(4);
    expect(gateway.complaints).toEqual([]);
  });

  const lossy = isLong ? 32 * MB : 0.4 * MB;
  it(`${lossy / MB} MB down under 2 % drop from an agent that resends slowly arrive as they were`, async () => {
    const { gateway, connect } = await stage({ seed: 3, toAgent: { drop: 0.02 }, toClient: { drop: 0.02 } });
    const { sha256 } = await download(await connect(), lossy);
    expect(sha256).toBe(patternSha256(lossy));
    expect(gateway.complaints).toEqual([]);
  });

  it('frames with a wrong digest are not acknowledged, and come again', async () => {
    const { gateway, connect } = await stage({ seed: 5, toClient: { corrupt: 0.02 }, toAgent: {} });
    const { sha256 } = await download(await connect(), 300_000);
    expect(sha256).toBe(patternSha256(300_000));
    expect(sessionOf(gateway).toClient.counts.corrupted).toBeGreaterThan(0);
  });

  it('a throttled link is cut, resumed, and the transfer ends whole', async () => {
    const { gateway, connect } = await stage({ session: { throttle: 3000 } });
    expect(await upload(await connect(), 6 * MB)).toBe(patternSha256(6 * MB));
    expect(sessionOf(gateway).links).toBeGreaterThan(1);
    expect(gateway.complaints).toEqual([]);
  });
});

describe('the link', () => {
  it('an hourly close in the middle of an upload is survived with the same client id and fresh tokens', async () => {
    const { gateway, connect } = await stage({ session: { byeEvery: 2500 } });
    expect(await upload(await connect(), 10 * MB)).toBe(patternSha256(10 * MB));
    expect(sessionOf(gateway).links).toBeGreaterThan(3);
    expect(gateway.complaints).toEqual([]);
  });

  it('credentials that expire in the middle are fetched anew', async () => {
    let isExpired = false;
    let refreshed = 0;
    const api = (direct: SessionApi): SessionApi => ({
      ...direct,
      async resume(sessionId) {
        if (isExpired)
          throw new RocError(
            'ROC_CREDENTIALS_MISSING',
            'ssm:ResumeSession: the AWS credentials have expired',
          );
        return direct.resume(sessionId);
      },
      refreshCredentials() {
        refreshed++;
        isExpired = false;
      },
    });
    const { gateway, connect } = await stage({}, { api });
    const stream = await connect();
    const result = upload(stream, 30 * MB);
    await until('the upload is under way', () => (sessionOf(gateway).agent?.stats.received ?? 0) > 500);
    isExpired = true;
    sessionOf(gateway).bye();
    expect(await result).toBe(patternSha256(30 * MB));
    expect(refreshed).toBeGreaterThan(0);
  });

  it('an upgrade that is refused with 403 on the way back is tried with fresh credentials', async () => {
    let refreshed = 0;
    const api = (direct: SessionApi): SessionApi => ({
      ...direct,
      refreshCredentials: () => void refreshed++,
    });
    const { gateway, connect } = await stage(
      { session: { refuseLinks: { count: 2, status: 403 } } },
      { api },
    );
    const result = upload(await connect(), 20 * MB);
    await until('the upload is under way', () => (sessionOf(gateway).agent?.stats.received ?? 0) > 500);
    sessionOf(gateway).cut();
    expect(await result).toBe(patternSha256(20 * MB));
    expect(refreshed).toBe(2);
  });

  it('a half-open link is noticed and replaced', async () => {
    const { gateway, connect } = await stage({}, { deadlines: { ping: 100, silence: 400 } });
    const result = upload(await connect(), 20 * MB);
    await until('the upload is under way', () => (sessionOf(gateway).agent?.stats.received ?? 0) > 500);
    sessionOf(gateway).fallSilent();
    expect(await result).toBe(patternSha256(20 * MB));
    expect(sessionOf(gateway).links).toBe(2);
  });

  it('a session that is over when it would be resumed ends its connections', async () => {
    const { gateway, pool, connect } = await stage({});
    const stream = await connect();
    stream.on('error', () => {});
    const session = pool.sessions[0];
    sessionOf(gateway).isOver = true;
    sessionOf(gateway).bye();
    expect(await session?.closed).toEqual({ by: 'them', reason: '' });
    expect(stream.destroyed).toBe(true);
  });

  it('a way back that stays shut is given up after its deadline', async () => {
    const api = (direct: SessionApi): SessionApi => ({
      ...direct,
      resume: () => Promise.reject(new RocError('ROC_UNREACHABLE', 'ssm:ResumeSession: no answer')),
    });
    const { gateway, pool } = await stage({}, { api, deadlines: { resume: 600 } });
    const session = pool.sessions[0];
    sessionOf(gateway).cut();
    const end = await session?.closed;
    expect(end).toMatchObject({
      by: 'failure',
      error: { code: 'ROC_UNREACHABLE', message: expect.stringMatching(/could not be resumed in 600ms/) },
    });
  });
});

describe('starting', () => {
  const open = async (options: GatewayOptions, deadlines: Partial<Deadlines> = {}) => {
    const gateway = await startGateway(options);
    closers.push(() => gateway.close());
    const api = directApi(gateway);
    return openSession({ api, request: { target: TARGET }, deadlines });
  };

  it.each<[string, GatewayOptions, Partial<Deadlines>, { code: string; message: RegExp }]>([
    [
      'an agent that says nothing',
      { agent: { isMute: true } },
      { start: 300 },
      { code: 'ROC_TIMEOUT', message: /did not start the session in 300ms/ },
    ],
    [
      'a gateway that sends garbage',
      { session: { garbage: { bytes: 300, times: 100 } } },
      {},
      { code: 'ROC_UNREACHABLE', message: /sends what no session sends/ },
    ],
    [
      'a huge frame, again and again',
      { session: { hugeFrame: 5_000_000 } },
      { start: 60_000 },
      { code: 'ROC_UNREACHABLE', message: /dropped 8 links in a row/ },
    ],
    [
      'a forbidden destination',
      {
        session: {
          closeWith: '----------ERROR-------\nForwarding to IP address 169.254.169.254 is forbidden.',
        },
      },
      {},
      { code: 'ROC_REFUSED', message: /Forwarding to IP address/ },
    ],
  ])('%s ends in a clear error', async (_, options, deadlines, error) => {
    await expect(open(options, deadlines)).rejects.toMatchObject({
      code: error.code,
      message: expect.stringMatching(error.message),
      hint: expect.stringMatching(/.{10,}/),
    });
  });

  it('an upgrade without a signature is refused, and says what is missing', async () => {
    const gateway = await startGateway();
    closers.push(() => gateway.close());
    const api = { ...directApi(gateway), signStream: () => Promise.resolve({}) };
    await expect(openSession({ api, request: { target: TARGET } })).rejects.toMatchObject({
      code: 'ROC_FORBIDDEN',
      hint: expect.stringMatching(/ssmmessages:OpenDataChannel/),
    });
  });

  it('a stream address without TLS outside this host is refused', async () => {
    const gateway = await startGateway();
    closers.push(() => gateway.close());
    const direct = directApi(gateway);
    const api = {
      ...direct,
      start: async () => ({ sessionId: 's', streamUrl: 'ws://ssm.example.com/x', token: 't' }),
    };
    await expect(openSession({ api, request: { target: TARGET } })).rejects.toMatchObject({
      code: 'ROC_REFUSED',
    });
  });

  it('an abort while it starts ends the session', async () => {
    const gateway = await startGateway({ agent: { isMute: true } });
    closers.push(() => gateway.close());
    const abort = new AbortController();
    const opening = openSession({
      api: directApi(gateway),
      request: { target: TARGET },
      signal: abort.signal,
    });
    setTimeout(() => abort.abort(), 50);
    await expect(opening).rejects.toMatchObject({ code: 'ROC_INTERRUPTED' });
    await until('the session is over', () => sessionOf(gateway).isOver);
  });

  it(`${isLong ? 200 : 40} sessions start without a hang`, async () => {
    for (let i = 0; i < (isLong ? 200 : 40); i++) {
      const { pool: each, connect } = await stage({});
      const [ms] = await echo(await connect(), 1, 10);
      expect(ms).toBeLessThan(5000);
      await each.close();
    }
  });
});

describe('encryption', () => {
  it('answers both challenges, and what passes is sealed', async () => {
    const gateway = await startGateway({ kmsKeyId: 'alias/sessions', shell: ['cat'], agent: {} });
    closers.push(() => gateway.close());
    const { channel, facts } = await openSession({ api: directApi(gateway), request: { target: TARGET } });
    expect(facts).toMatchObject({
      encrypted: true,
      customerMessage: 'This session is encrypted using AWS KMS.',
    });
    let seen = '';
    channel.setSink((_type, payload) => {
      seen += payload.toString();
    });
    channel.write([Buffer.from('a secret\r')]);
    await until('the echo', () => seen.includes('a secret'));
    expect(gateway.complaints).toEqual([]);
    await channel.terminate();
  });

  it('a key that KMS does not give ends the session with what KMS said', async () => {
    const gateway = await startGateway({ kmsKeyId: 'alias/sessions' });
    closers.push(() => gateway.close());
    const api = {
      ...directApi(gateway),
      dataKey: () => Promise.reject(new RocError('ROC_FORBIDDEN', 'kms:GenerateDataKey: AWS refused it')),
    };
    await expect(openSession({ api, request: { target: TARGET } })).rejects.toMatchObject({
      code: 'ROC_FORBIDDEN',
    });
  });

  it('an agent that insists on the random challenge is content', async () => {
    const gateway = await startGateway({ shell: ['cat'] });
    closers.push(() => gateway.close());
    gateway.options.agent = { kms: { keyId: 'k', store: gateway.keys, requireChallenge: true } };
    const { channel } = await openSession({ api: directApi(gateway), request: { target: TARGET } });
    expect(gateway.complaints).toEqual([]);
    await channel.terminate();
  });
});

describe('connections', () => {
  it('a destination that refuses is reported, and looked up anew in a new session', async () => {
    const { gateway, connect } = await stage({}, { port: 1 });
    for (let i = 0; i < 3; i++) {
      const stream = await connect();
      const error = await new Promise<Error | undefined>((resolve) => {
        stream.once('error', resolve);
        stream.once('close', () => resolve(undefined));
        stream.resume();
      });
      expect(error).toMatchObject({
        code: 'ROC_UNREACHABLE',
        message: expect.stringMatching(/could not connect to the destination/),
      });
    }
    expect(gateway.sessions.size).toBe(2);
  });

  it('a slow reader costs no memory and no bytes', async () => {
    const size = isLong ? 300 * MB : 40 * MB;
    const { connect } = await stage({});
    const stream = await connect();
    globalThis.gc?.();
    const before = process.memoryUsage().rss;
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss - before);
    }, 20);
    const { sha256 } = await download(stream, size, { bytesPerPause: 1_000_000, pause: 30 });
    clearInterval(watch);
    expect(sha256).toBe(patternSha256(size));
    // Client, gateway and the sender's 100,000 kept messages share this process.
    expect(peak).toBeLessThan(400 * MB);
  });

  it('parallel sessions share the connections out', async () => {
    const { gateway, pool, connect } = await stage({ agent: { pace: 1 } }, { parallel: 4 });
    const streams = [await connect(), await connect(), await connect(), await connect()];
    expect(gateway.sessions.size).toBe(4);
    expect(pool.sessions.map(({ load }) => load)).toEqual([1, 1, 1, 1]);
    const results = await Promise.all(streams.map((stream) => download(stream, 100_000)));
    expect(new Set(results.map(({ sha256 }) => sha256))).toEqual(new Set([patternSha256(100_000)]));
  });

  it('many at once in one session keep their bytes apart', async () => {
    const { gateway, connect } = await stage({
      seed: 11,
      toAgent: { drop: 0.01, reorder: 0.02 },
      toClient: { duplicate: 0.02 },
    });
    const transfers = Array.from({ length: 20 }, async (_, i) => {
      const bytes = 20_000 + i * 1000;
      return (await upload(await connect(), bytes)) === patternSha256(bytes);
    });
    expect(await Promise.all(transfers)).toEqual(Array.from({ length: 20 }, () => true));
    expect(gateway.sessions.size).toBe(1);
    expect(gateway.complaints).toEqual([]);
  });

  it('a pause from the gateway holds the upload, and it goes on', async () => {
    const { gateway, connect } = await stage({});
    const result = upload(await connect(), 8 * MB);
    await until('the upload is under way', () => (sessionOf(gateway).agent?.stats.received ?? 0) > 500);
    sessionOf(gateway).toClient.faults = { drop: 1, only: ['acknowledge'] };
    sessionOf(gateway).publication('pause_publication');
    await sleep(150);
    const paused = sessionOf(gateway).agent?.stats.received;
    await sleep(300);
    expect(sessionOf(gateway).agent?.stats.received).toBe(paused);
    sessionOf(gateway).toClient.faults = {};
    sessionOf(gateway).publication('start_publication');
    expect(await result).toBe(patternSha256(8 * MB));
  });
});

it('an agent from outside speaks through the gateway untouched', async () => {
  const { connectExternalAgent } = await import('../helpers/ssm-gateway/external-agent.js');
  const gateway = await startGateway({ mode: 'external' });
  closers.push(() => gateway.close());
  const grant = await directApi(gateway).start({ target: TARGET });
  const channel = new DataChannel({ api: directApi(gateway), grant, target: TARGET });
  const agent = await connectExternalAgent(gateway, grant.sessionId, ['sh', '-c', 'echo ready; exec cat']);
  closers.push(() => agent.stop());
  let seen = '';
  channel.setSink((_type, payload) => {
    seen += payload.toString();
  });
  const word = randomBytes(8).toString('hex');
  await channel.started;
  channel.write([Buffer.from(`${word}\r`)]);
  await until('the echo', () => seen.includes(word));
  await channel.terminate();
});
