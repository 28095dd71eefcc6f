import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createStatus, isWell, type StatusOptions } from '../../../src/exports/status.js';
import { type RunningFakeAws, startFakeAws } from '../../helpers/aws-model/fake-aws.js';
import { describeWith } from '../../helpers/parts.js';
import { fakeInstallation, INSTALLATION } from '../../helpers/scale/installation-fake.js';

const NOW = Date.UTC(2026, 10, 22, 3, 20, 17);
const TOKEN = 'roc_test';

describeWith('botocore', 'roc/status on a strict fake of an installation', () => {
  let aws: RunningFakeAws;
  let server: Server;
  let url: string;
  const kept = { ...process.env };

  beforeAll(async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDROC', AWS_SECRET_ACCESS_KEY: 'test' });
    aws = await startFakeAws(fakeInstallation(() => NOW).handlers);
    server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://here');
      const json = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (path.pathname === '/healthz') return json(200, {});
      if (path.pathname !== '/api/v1/nodes') return json(404, {});
      if (request.headers.authorization !== `Bearer ${TOKEN}`)
        return json(401, { code: 'ROC_UNAUTHENTICATED', title: 'no' });
      const isFirst = path.searchParams.get('cursor') === null;
      return json(200, { items: [node(isFirst ? 'a' : 'b')], nextCursor: isFirst ? 'more' : null });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    process.env = kept;
    server.closeAllConnections();
    server.close();
    await aws.close();
  });
  afterEach(() => expect(aws.problems.splice(0)).toEqual([]));

  const open = (more: Partial<StatusOptions> = {}) =>
    createStatus({
      ...{ region: 'eu-west-1', endpointUrl: aws.url, stack: INSTALLATION, now: () => NOW },
      ...more,
    });
  const orchestrator = async (more: Partial<StatusOptions>) =>
    (await open(more).look()).status.components.find(({ id }) => id === 'orchestrator');

  test('says how the parts of a stack are, and what the look cost', async () => {
    const watch = open();
    const { status, cost } = await watch.look();
    expect(isWell(status)).toBe(true);
    expect(status.components.map(({ id }) => id)).toEqual(['balancer', 'servers', 'database', 'alarms']);
    expect(status.advice.database).not.toBeNull();
    expect(cost.metrics).toBeGreaterThan(10);
    // The two weeks of the database are read once.
    const again = await watch.look();
    expect(again.cost.metrics).toBeLessThan(cost.metrics);
    expect(again.status.advice).toEqual(status.advice);
  });

  test('asks the server that the stack names, and its nodes only with a token', async () => {
    const stack = { ...INSTALLATION, url };
    const anonymous = await orchestrator({ stack });
    expect(anonymous?.about).toContain(url);
    expect(anonymous?.metrics.map(({ name }) => name)).not.toContain('nodesOnline');
    expect(await orchestrator({ stack, server: null })).toBeUndefined();
    const known = await orchestrator({ stack, server: { url: `${url}/`, token: TOKEN } });
    expect(known?.metrics).toContainEqual(expect.objectContaining({ name: 'nodesOnline', value: 2 }));
    const refused = await orchestrator({ stack, server: { url, token: 'roc_other' } });
    expect(refused?.metrics.map(({ name }) => name)).not.toContain('nodesOnline');
  });

  test('is an error where nothing is named', () => {
    expect(() => open({ stack: {} })).toThrow(expect.objectContaining({ code: 'ROC_USAGE' }));
  });
});

function node(id: string) {
  return {
    ...{ id, instanceId: null, version: '0.1.0', state: 'online', load: { held: 1, busy: 0.1, rssBytes: 1 } },
    ...{ startedAt: new Date(NOW).toISOString(), lastSeenAt: new Date(NOW).toISOString() },
  };
}
