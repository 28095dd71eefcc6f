/** Clients that try nothing twice, and are in the middle of something while a node goes: what they meet is told. */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { packedRobot } from '../helpers/robot-package.js';
import { runRoc } from '../helpers/roc.js';
import { until } from '../helpers/until.js';
import { GIVE_OUTPUT, ledgerRobot } from './ledger.js';
import type { Scene } from './scenario.js';

export interface StrictClients {
  /** Ends those that go on for ever, waits for the others. @returns what any of them had to complain of */
  end(): Promise<string[]>;
}

const UPLOAD_PIECES = 40;
const UPLOAD_MS = 14_000;
const LINES = 80;
const TALKER = {
  'robot.yaml': 'name: talker\nversion: 1.0.0\nentrypoint: [sh, main.sh]\nidempotent: true\n',
  'main.sh': `i=0\nwhile [ $i -lt ${LINES} ]; do echo "line $i"; i=$((i + 1)); sleep 0.2; done\n${GIVE_OUTPUT}`,
};

export async function startStrictClients({ cluster, load }: Scene, n: number): Promise<StrictClients> {
  const problems: string[] = [];
  const stop = new AbortController();
  const { client } = load;
  const token = await load.token();
  const told = (who: string, work: Promise<unknown>) =>
    work.catch((error: unknown) => void problems.push(`${who}: ${String(error)}`));

  const ask = async () => {
    const headers = { authorization: `Bearer ${token}` };
    while (!stop.signal.aborted) {
      const answer = await fetch(`${cluster.url}/api/v1/jobs?limit=1`, { headers });
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new TypeError(`a request gave ${answer.status}`);
      await sleep(50);
    }
  };
  const upload = async () => {
    const version = `9.0.${n}`;
    const files = { ...ledgerRobot(version), 'filler.txt': randomBytes(150_000).toString('base64') };
    const { bytes } = await packedRobot(files);
    const params = { robot: 'worker', version };
    await client.upload('versions.publish', Readable.from(trickle(bytes)), bytes.length, { params });
  };
  const follow = async (id: string) => {
    const args = ['jobs', 'logs', '-f', id, '--json'];
    const result = await runRoc(args, { home: cluster.home, timeoutMs: 120_000 });
    const lines = result.stdout.split('\n').flatMap((line) => /"text":"(line \d+)"/.exec(line)?.[1] ?? []);
    const expected = Array.from({ length: LINES }, (_, i) => `line ${i}`);
    if (result.exitCode !== 0 || lines.join() !== expected.join())
      throw new TypeError(`exit ${result.exitCode}, ${lines.length} of ${LINES} lines: ${result.stderr}`);
  };

  if (n === 0) await publishTalker(load.client);
  const { id } = await client.call('jobs.start', { body: { process: 'talker' } });
  await until(
    'the talker talks',
    async () => (await client.call('jobs.logs', { params: { id }, query: { limit: 10 } })).items.length > 0,
    { timeoutMs: 90_000 },
  );
  const all = [told('a short request', ask()), told('an upload', upload()), told('a follower', follow(id))];
  // They are under way before anything happens.
  await sleep(1000);
  return {
    end: async () => {
      stop.abort();
      await Promise.all(all);
      return problems;
    },
  };
}

async function* trickle(bytes: Buffer): AsyncGenerator<Buffer> {
  const size = Math.ceil(bytes.length / UPLOAD_PIECES);
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
    await sleep(UPLOAD_MS / UPLOAD_PIECES);
  }
}

async function publishTalker(client: Scene['load']['client']): Promise<void> {
  const { bytes } = await packedRobot(TALKER);
  const robot = { robot: 'talker', version: '1.0.0' };
  await client.upload('versions.publish', Readable.from([bytes]), bytes.length, { params: robot });
  await client.call('deployments.create', { body: robot });
}
