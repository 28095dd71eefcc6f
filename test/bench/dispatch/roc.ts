/** The built `roc serve` under fake runners of this process: the whole protocol over HTTP, but no robot. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { type BuiltServer, startBuiltServer } from '../../helpers/built-server.js';
import { writeRobot } from '../../helpers/robot-folder.js';
import { withTempDir } from '../../helpers/temp-dir.js';
import type { Figures } from './peers.js';

const LOOPS = 8;
const PACED = 200;
const EVERY_MS = 20;
const HOST = { os: 'linux', arch: 'x64', version: '0.0.0', labels: {}, slots: 256 } as const;
const WAIT_MS = 5000;

/** @param database an empty one; null for the embedded default */
export async function measureRoc(database: string | null, jobs: number, batch: number): Promise<Figures> {
  const server = await startBuiltServer(...(database === null ? [] : ['--database', database]));
  try {
    return await measure(server, jobs, batch);
  } finally {
    await server.stop();
  }
}

async function measure(server: BuiltServer, jobs: number, batch: number): Promise<Figures> {
  await publish(server);
  const http = createCaller(server.url);
  const { accessToken } = await http('/auth/login', null, { email: server.email, password: server.password });
  const start = () => http('/jobs', accessToken, { process: 'clock' });
  await inParallel(jobs, LOOPS, start);
  const runners = await Promise.all(Array.from({ length: LOOPS }, () => fakeRunner(server, http, batch)));
  let done = 0;
  const from = performance.now();
  await Promise.all(
    runners.map(async (runner) => {
      while (done < jobs) {
        const taken = await runner.poll(0);
        await Promise.all(taken.map(runner.complete));
        done += taken.length;
        if (taken.length === 0 && done < jobs) await sleep(1);
      }
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  return { perSecond: jobs / seconds, waits: await timeClaims(runners, start) };
}

/** Jobs come one by one while the runners wait in their long polls. */
async function timeClaims(
  runners: readonly FakeRunner[],
  start: () => Promise<{ id: string }>,
): Promise<number[]> {
  const [sent, waits] = [new Map<string, number>(), [] as number[]];
  const claimed = new Map<string, number>();
  let isOver = false;
  const loops = runners.map(async (runner) => {
    while (!isOver)
      for (const job of await runner.poll(WAIT_MS)) {
        claimed.set(job.jobId, performance.now());
        await runner.complete(job);
      }
  });
  for (let n = 0; n < PACED; n++) {
    const at = performance.now();
    sent.set((await start()).id, at);
    await sleep(EVERY_MS);
  }
  isOver = true;
  await Promise.all(loops);
  for (const [id, at] of sent) waits.push((claimed.get(id) ?? Number.POSITIVE_INFINITY) - at);
  return waits;
}

interface Offer {
  readonly jobId: string;
  readonly epoch: number;
}

interface FakeRunner {
  poll(waitMs: number): Promise<readonly Offer[]>;
  complete(job: Offer): Promise<unknown>;
}

type Caller = ReturnType<typeof createCaller>;

async function fakeRunner(server: BuiltServer, http: Caller, batch: number): Promise<FakeRunner> {
  const [sign, box] = [generateKeyPairSync('ed25519'), generateKeyPairSync('x25519')];
  const raw = (key: KeyObject) => key.export({ format: 'jwk' }).x ?? '';
  const { token } = await server.json<{ token: string }>('runners', 'token');
  const keys = { signKey: raw(sign.publicKey), boxKey: raw(box.publicKey) };
  const name = `fake-${randomUUID().slice(0, 8)}`;
  const { runnerId, audience } = await http('/runner/register', null, { token, name, ...keys, ...HOST });
  const at = Math.floor(Date.now() / 1000);
  const claims = { iss: runnerId, sub: runnerId, aud: audience, jti: randomUUID(), iat: at, exp: at + 30 };
  const assertion = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'roc-assertion+jwt' })
    .sign(sign.privateKey);
  const { accessToken } = await http('/runner/token', null, { assertion });
  const { sessionEpoch } = await http('/runner/session', accessToken, {
    bootId: 'bench',
    ...HOST,
    running: [],
  });
  return {
    poll: async (waitMs) =>
      (await http('/runner/poll', accessToken, { sessionEpoch, freeSlots: batch, waitMs })).jobs,
    complete: ({ jobId, epoch }) =>
      http(`/runner/jobs/${jobId}/complete`, accessToken, {
        ...{ epoch, resultId: randomUUID(), outcome: 'succeeded', output: null, error: null },
      }),
  };
}

/** Plain node:http with connections that stay: the client shall cost as little of the two cores as it can. */
function createCaller(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  // biome-ignore lint/suspicious/noExplicitAny: answers of a benchmark, each used once
  return (path: string, token: string | null, body: unknown): Promise<any> =>
    new Promise((resolve, reject) => {
      const text = JSON.stringify(body);
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      };
      const sent = request(`${url}/api/v1${path}`, { method: 'POST', agent, headers }, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
        answer.on('end', () => {
          const reply = Buffer.concat(pieces).toString();
          if ((answer.statusCode ?? 500) < 300) resolve(reply === '' ? null : JSON.parse(reply));
          else reject(new TypeError(`${path}: ${answer.statusCode} ${reply}`));
        });
      });
      sent.on('error', reject);
      sent.end(text);
    });
}

async function publish(server: BuiltServer): Promise<void> {
  await withTempDir(async (dir) => {
    const manifest = { name: 'clock', version: '1.0.0', entrypoint: ['node', 'main.js'] };
    writeRobot(dir, { 'robot.yaml': JSON.stringify(manifest), 'main.js': '' });
    await server.json('robots', 'publish', dir);
    await server.json('deploy', 'clock@1.0.0', '--to', 'dev');
  });
}

async function inParallel(count: number, lanes: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
