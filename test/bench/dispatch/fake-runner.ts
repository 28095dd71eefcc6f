/** Runners without robots: the whole protocol over HTTP, from a process that costs little itself. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { BuiltServer } from '../../helpers/built-server.js';
import { writeRobot } from '../../helpers/robot-folder.js';
import { withTempDir } from '../../helpers/temp-dir.js';
import type { Caller } from './lean-http.js';

export interface Offer {
  readonly jobId: string;
  readonly epoch: number;
}

export interface FakeRunner {
  readonly id: string;
  poll(freeSlots: number, waitMs: number): Promise<readonly Offer[]>;
  started(job: Offer): Promise<unknown>;
  /** One in a request of its own, several in one. */
  complete(jobs: readonly Offer[]): Promise<unknown>;
  heartbeat(jobs: readonly Offer[]): Promise<unknown>;
  /** Lines `from` to `from + count - 1`. */
  log(job: Offer, from: number, count: number): Promise<unknown>;
}

const HOST = { os: 'linux', arch: 'x64', version: '0.0.0', labels: {}, slots: 256 } as const;
const LINE = 'Invoice 4711 of ACME was read, checked and booked; the next one follows.';

/** The process that all benchmark jobs run. */
export const PROCESS = 'clock';

/** Registers and opens a session. */
export async function fakeRunner(server: BuiltServer, call: Caller): Promise<FakeRunner> {
  const [sign, box] = [generateKeyPairSync('ed25519'), generateKeyPairSync('x25519')];
  const raw = (key: KeyObject) => key.export({ format: 'jwk' }).x ?? '';
  const { token } = await call('/runners/tokens', await adminToken(server, call), {});
  const keys = { signKey: raw(sign.publicKey), boxKey: raw(box.publicKey) };
  const name = `fake-${randomUUID().slice(0, 8)}`;
  const { runnerId, audience } = await call('/runner/register', null, { token, name, ...keys, ...HOST });
  const at = Math.floor(Date.now() / 1000);
  const claims = { iss: runnerId, sub: runnerId, aud: audience, jti: randomUUID(), iat: at, exp: at + 30 };
  const assertion = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'roc-assertion+jwt' })
    .sign(sign.privateKey);
  const { accessToken } = await call('/runner/token', null, { assertion });
  const session = { bootId: 'bench', ...HOST, running: [] };
  const { sessionEpoch } = await call('/runner/session', accessToken, session);
  const ask = (path: string, body: unknown) => call(`/runner${path}`, accessToken, body);
  return {
    id: runnerId,
    poll: async (freeSlots, waitMs) => (await ask('/poll', { sessionEpoch, freeSlots, waitMs })).jobs,
    started: ({ jobId, epoch }) => ask(`/jobs/${jobId}/started`, { epoch }),
    complete: async (jobs) => {
      const [job] = jobs;
      if (jobs.length === 1) return ask(`/jobs/${job?.jobId}/complete`, successOf(job?.epoch));
      const results = jobs.map(({ jobId, epoch }) => ({ jobId, ...successOf(epoch) }));
      return results.length === 0 ? null : ask('/complete', { results });
    },
    heartbeat: (jobs) => ask('/heartbeat', { sessionEpoch, jobs: jobs.map(refOf) }),
    log: ({ jobId, epoch }, from, count) =>
      ask(`/jobs/${jobId}/logs`, { epoch, lines: Array.from({ length: count }, (_, n) => line(from + n)) }),
  };
}

/** An access token of the admin; the same one for a while, since signing in is slow on purpose. */
export function adminToken(server: BuiltServer, call: Caller): Promise<string> {
  const known = tokens.get(server);
  if (known !== undefined) return known;
  const { email, password } = server;
  const token = call('/auth/login', null, { email, password }).then(({ accessToken }) => accessToken);
  tokens.set(server, token);
  return token;
}

const tokens = new WeakMap<BuiltServer, Promise<string>>();

/** Starts a job as `roc jobs start` does it, which always sends an Idempotency-Key. */
export function startJob(call: Caller, token: string): Promise<{ readonly id: string }> {
  return call('/jobs', token, { process: PROCESS }, randomUUID());
}

/** Publishes and deploys the robot whose jobs nobody runs. */
export async function publishRobot(server: BuiltServer): Promise<void> {
  await withTempDir(async (dir) => {
    const manifest = { name: PROCESS, version: '1.0.0', entrypoint: ['node', 'main.js'] };
    writeRobot(dir, { 'robot.yaml': JSON.stringify(manifest), 'main.js': '' });
    await server.json('robots', 'publish', dir);
    await server.json('deploy', `${PROCESS}@1.0.0`, '--to', 'dev');
  });
}

/** Does the work `count` times, `lanes` at a time. */
export async function inParallel(count: number, lanes: number, work: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await work();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

function successOf(epoch: number | undefined) {
  return { epoch, resultId: randomUUID(), outcome: 'succeeded', output: null, error: null };
}

function refOf({ jobId, epoch }: Offer): Offer {
  return { jobId, epoch };
}

function line(seq: number) {
  return { seq, at: new Date().toISOString(), stream: 'stdout', text: LINE };
}
