import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveServer, startLiveServer } from '../../helpers/live-server.js';
import { addPerson } from '../../helpers/people.js';
import { packedRobot, robotYaml } from '../../helpers/robot-package.js';
import { startTestRunner } from '../../helpers/test-server.js';
import { until } from '../../helpers/until.js';

let server: LiveServer;
let owner: string;

beforeAll(async () => {
  server = await startLiveServer();
  owner = await server.tokenOf('owner');
  const { bytes } = await packedRobot({ 'robot.yaml': robotYaml('1.0.0') });
  await server.ok('versions.publish', {
    token: owner,
    params: { robot: 'totals', version: '1.0.0' },
    body: bytes,
  });
  await server.ok('deployments.create', { token: owner, body: { robot: 'totals', version: '1.0.0' } });
});
afterAll(() => server.close());

const line = (seq: number, text = `line ${seq}\nevent: end`) => ({
  seq,
  at: new Date().toISOString(),
  stream: 'stdout' as const,
  text,
});

/** A job, and a runner that takes it when told. */
async function startedJob() {
  const { token, sessionEpoch } = await startTestRunner(server);
  const job = await server.ok('jobs.start', { token: owner, body: { process: 'totals' } });
  const params = { id: job.id };
  const offer = async () => {
    const body = { sessionEpoch, freeSlots: 1, waitMs: 0 };
    const { jobs } = await server.ok('runner.poll', { token, body });
    return jobs[0]?.epoch ?? 0;
  };
  const begin = async () => {
    const epoch = await offer();
    await server.ok('runner.started', { token, params, body: { epoch } });
    return epoch;
  };
  const log = (epoch: number, ...lines: ReturnType<typeof line>[]) =>
    server.ok('runner.logs', { token, params, body: { epoch, lines } });
  const finish = (epoch: number) => {
    const result = { resultId: 'r'.repeat(16), outcome: 'succeeded', output: null, error: null } as const;
    return server.ok('runner.complete', { token, params, body: { epoch, ...result } });
  };
  const leave = () => server.ok('runner.leave', { token, query: { sessionEpoch } });
  return { id: job.id, offer, begin, log, finish, leave };
}

interface SeenEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: { seq?: number; text?: string; state?: string };
}

async function openStream(id: string, lastEventId?: string) {
  const cut = new AbortController();
  const response = await fetch(`${server.url}/api/v1/jobs/${id}/events`, {
    headers: {
      authorization: `Bearer ${owner}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: cut.signal,
  });
  let text = '';
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? [])
      text += decoder.decode(chunk as Uint8Array, { stream: true });
  };
  const ended = read().catch(() => {});
  const events = (): SeenEvent[] =>
    [...text.matchAll(/^id: (\S+)\nevent: (\w+)\ndata: (.*)$/gm)].map(([, eventId, event, data]) => ({
      id: eventId,
      event,
      data: JSON.parse(data ?? ''),
    }));
  const states = () => events().flatMap(({ event, data }) => (event === 'state' ? [data.state] : []));
  const lines = () => events().flatMap(({ event, data }) => (event === 'log' ? [data.seq] : []));
  return { events, states, lines, ended, cut: () => cut.abort() };
}

describe('the event stream of a job', () => {
  it('tells states and lines as they come, resumes after a cut, and ends when all is told', async () => {
    const job = await startedJob();
    const stream = await openStream(job.id);
    await until('the first state', () => stream.states().includes('queued'));
    const epoch = await job.begin();
    await job.log(epoch, line(1), line(2));
    // Sooner than the next look: this node told of it.
    await until('two lines', () => stream.lines().length === 2, { timeoutMs: 900 });
    expect(stream.states().at(-1)).toBe('running');
    const place = stream.events().find(({ event, data }) => event === 'log' && data.seq === 1)?.id;
    stream.cut();
    await job.log(epoch, line(3));
    const resumed = await openStream(job.id, place);
    await job.finish(epoch);
    await resumed.ended;
    expect(resumed.lines()).toEqual([2, 3]);
    expect(resumed.states().at(-1)).toBe('succeeded');
    expect(
      resumed
        .events()
        .map(({ event }) => event)
        .indexOf('end'),
    ).toBe(resumed.events().length - 1);
  });

  it('tells the lines of an attempt that was not counted, and those that take their numbers', async () => {
    const job = await startedJob();
    const epoch = await job.offer();
    const stream = await openStream(job.id);
    await job.log(epoch, line(1, 'fetching'), line(2, 'unpacking'));
    await until('two lines', () => stream.lines().length === 2);
    await job.leave();
    await until('the job to be back', () => stream.states().at(-1) === 'queued');
    const other = await startTestRunner(server);
    const body = { sessionEpoch: other.sessionEpoch, freeSlots: 1, waitMs: 0 };
    const { jobs } = await server.ok('runner.poll', { token: other.token, body });
    const write = { token: other.token, params: { id: job.id } };
    const again = { epoch: jobs[0]?.epoch ?? 0 };
    await server.ok('runner.logs', { ...write, body: { ...again, lines: [line(1, 'again')] } });
    await until('the new line', () => stream.events().some(({ data }) => data.text === 'again'));
    stream.cut();
  });

  it('holds back for a slow reader instead of buffering', async () => {
    const job = await startedJob();
    const epoch = await job.begin();
    // 16 MB to tell, to someone who reads nothing.
    for (let batch = 0; batch < 10; batch++) {
      await job.log(
        epoch,
        ...Array.from({ length: 400 }, (_, n) => line(batch * 400 + n + 1, 'x'.repeat(4000))),
      );
    }
    await job.finish(epoch);
    const sockets = new Set<Socket>();
    server.app.server.on('connection', (socket: Socket) => sockets.add(socket));
    const response = await new Promise<IncomingMessage>((resolve) => {
      const headers = { authorization: `Bearer ${owner}` };
      httpRequest(`${server.url}/api/v1/jobs/${job.id}/events`, { headers, agent: false })
        .on('response', resolve)
        .end();
    });
    response.pause();
    const waiting = () => Math.max(...[...sockets].map(({ writableLength }) => writableLength));
    await until('the line to be full', () => waiting() > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(waiting()).toBeLessThan(100_000);
    let text = '';
    for await (const chunk of response) text += chunk;
    expect(text.match(/^event: log$/gm)).toHaveLength(4000);
    expect(text.trimEnd().split('\n').at(-2)).toBe('event: end');
  });

  it('is not opened for a job that is not there', async () => {
    const params = { id: '01JA9V3R8WZQK4T6E5M2N7X0CB' };
    expect((await server.send('jobs.events', { token: owner, params })).statusCode).toBe(404);
  });

  it('ends when the server stops', async () => {
    const job = await startedJob();
    const stream = await openStream(job.id);
    await until('the first state', () => stream.states().length > 0);
    server.held.endAll();
    await stream.ended;
    expect(stream.events().some(({ event }) => event === 'end')).toBe(false);
  });

  it('ends when its reader may read no longer', async () => {
    const { id } = await server.ok('jobs.start', { token: owner, body: { process: 'totals' } });
    const token = await addPerson(server, { role: 'viewer', email: 'reader@x' });
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${server.url}/api/v1/jobs/${id}/events`, { headers });
    expect(response.status).toBe(200);
    const whole = response.text();
    const { items } = await server.ok('users.list', { token: owner });
    const params = { id: items.find(({ email }) => email === 'reader@x')?.id ?? '' };
    await server.ok('users.set', { token: owner, params, body: { suspended: true } });
    expect(await whole).not.toContain('event: end');
    expect((await fetch(`${server.url}/api/v1/jobs/${id}/events`, { headers })).status).toBe(401);
  });
});
