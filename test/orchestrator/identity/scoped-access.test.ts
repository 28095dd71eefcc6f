/** Roles on a project or a process: what they open, what stays hidden, and private processes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteId } from '../../../src/protocol/routes.js';
import { addPerson } from '../../helpers/people.js';
import { packedRobot } from '../../helpers/robot-package.js';
import { startTestServer, type TestRequest, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;
const jobs: Record<string, string> = {};

/** Two projects; in `finance` an open and a private process, in `sales` an open one. */
const PROCESSES = [
  ['finance', 'invoices'],
  ['finance', 'payroll'],
  ['sales', 'orders'],
] as const;

beforeAll(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
  for (const [project, robot] of PROCESSES) {
    await server.send('projects.create', { token: owner, body: { name: project } });
    const yaml = `name: ${robot}\nversion: 1.0.0\nentrypoint: [node, main.js]\n`;
    const { bytes } = await packedRobot({ 'robot.yaml': yaml });
    const params = { robot, version: '1.0.0' };
    await server.ok('versions.publish', { token: owner, params, query: { project }, body: bytes });
    await server.ok('deployments.create', { token: owner, body: { ...params, project } });
    const body = { process: robot, project };
    jobs[robot] = (await server.ok('jobs.start', { token: owner, body })).id;
  }
  const params = { process: 'payroll' };
  await server.ok('processes.set', {
    token: owner,
    params,
    query: { project: 'finance' },
    body: { isPrivate: true },
  });
});
afterAll(() => server.close());

const statusOf = async <K extends RouteId>(id: K, request: TestRequest<K>) =>
  (await server.send(id, request)).statusCode;
const show = (token: string, process: string, project: string) =>
  statusOf('processes.show', { token, params: { process }, query: { project } });
const start = (token: string, process: string, project: string) =>
  statusOf('jobs.start', { token, body: { process, project } });
const namesOf = async (token: string) => {
  const [processes, shown, robots, deployments, projects] = await Promise.all([
    server.ok('processes.list', { token }),
    server.ok('jobs.list', { token, query: { limit: 500 } }),
    server.send('robots.list', { token }),
    server.send('deployments.list', { token }),
    server.ok('projects.list', { token }),
  ]);
  const items = (body: string) =>
    (JSON.parse(body) as { items?: { name?: string; robot?: string }[] }).items ?? [];
  return {
    processes: processes.items.map(({ name }) => name),
    jobs: [...new Set(shown.items.map(({ process }) => process))].sort(),
    robots: items(robots.body).map(({ name }) => name),
    deployments: [...new Set(items(deployments.body).map(({ robot }) => robot))].sort(),
    projects: projects.items.map(({ name }) => name),
  };
};

describe('a role on a project', () => {
  it('shows that project and nothing else, and no private process', async () => {
    const token = await addPerson(server, { role: 'developer', project: 'finance' });
    expect(await namesOf(token)).toEqual({
      processes: ['invoices'],
      jobs: ['invoices'],
      robots: ['invoices', 'payroll'],
      deployments: ['invoices', 'payroll'],
      projects: ['finance'],
    });
    expect(await show(token, 'invoices', 'finance')).toBe(200);
    expect(await start(token, 'invoices', 'finance')).toBe(201);
    for (const [project, process] of [
      ['finance', 'payroll'],
      ['sales', 'orders'],
    ] as const) {
      expect(await show(token, process, project), process).toBe(404);
      expect(await start(token, process, project), process).toBe(404);
      expect(await statusOf('jobs.show', { token, params: { id: jobs[process] ?? '' } })).toBe(404);
      expect(await statusOf('jobs.cancel', { token, params: { id: jobs[process] ?? '' } })).toBe(404);
    }
    const version = { robot: 'orders', version: '1.0.0' };
    expect(await statusOf('versions.pull', { token, params: version, query: { project: 'sales' } })).toBe(
      404,
    );
    expect(await statusOf('deployments.create', { token, body: { ...version, project: 'sales' } })).toBe(404);
  });

  it('gives nothing that belongs to the whole tenant', async () => {
    const token = await addPerson(server, { role: 'admin', project: 'finance' });
    expect(await statusOf('environments.list', { token })).toBe(200);
    expect(await statusOf('environments.create', { token, body: { name: 'uat' } })).toBe(403);
    expect(await statusOf('users.list', { token })).toBe(403);
    expect(
      await statusOf('roles.grant', { token, params: { role: 'admin' }, body: { user: 'owner@x' } }),
    ).toBe(403);
    expect(await statusOf('runners.token', { token, body: {} })).toBe(403);
    expect(await statusOf('audit.list', { token })).toBe(403);
    expect((await server.ok('me.show', { token })).permissions).toEqual([]);
  });

  it('is 403 for what may be seen and not done', async () => {
    const token = await addPerson(server, { role: 'viewer', project: 'finance' });
    expect(await show(token, 'invoices', 'finance')).toBe(200);
    expect(await start(token, 'invoices', 'finance')).toBe(403);
  });
});

describe('a private process', () => {
  it('is there for its members alone, whatever others hold on the tenant', async () => {
    const developer = await server.tokenOf('developer');
    expect(await show(developer, 'payroll', 'finance')).toBe(404);
    expect(await start(developer, 'payroll', 'finance')).toBe(404);
    expect((await namesOf(developer)).jobs).not.toContain('payroll');
    const set = { token: developer, params: { process: 'payroll' }, query: { project: 'finance' } };
    expect(await statusOf('processes.set', { ...set, body: { priority: 1 } })).toBe(404);
    const member = await addPerson(server, { role: 'operator', project: 'finance', process: 'payroll' });
    expect(await show(member, 'payroll', 'finance')).toBe(200);
    expect(await start(member, 'payroll', 'finance')).toBe(201);
    expect(await namesOf(member)).toEqual({
      processes: ['payroll'],
      jobs: ['payroll'],
      robots: [],
      deployments: [],
      projects: ['finance'],
    });
    expect(await show(member, 'invoices', 'finance')).toBe(404);
  });

  it('runs no code of people from outside it, and shows them none', async () => {
    const params = { robot: 'payroll', version: '1.0.0' };
    const request = { params, query: { project: 'finance' } };
    const outside = await server.tokenOf('developer');
    const inProject = await addPerson(server, { role: 'developer', project: 'finance' });
    for (const token of [outside, inProject]) {
      expect(await statusOf('versions.pull', { token, ...request })).toBe(403);
      const body = Buffer.from('PK');
      const next = { ...request, params: { ...params, version: '2.0.0' }, body };
      expect(await statusOf('versions.publish', { token, ...next })).toBe(403);
      expect(await statusOf('deployments.create', { token, body: { ...params, project: 'finance' } })).toBe(
        403,
      );
      expect(await statusOf('deployments.rollback', { token, body: { ...params, project: 'finance' } })).toBe(
        403,
      );
    }
    expect(await statusOf('versions.pull', { token: await server.tokenOf('admin'), ...request })).toBe(200);
    const open = { params: { ...params, robot: 'invoices' }, query: { project: 'finance' } };
    expect(await statusOf('versions.pull', { token: inProject, ...open })).toBe(200);
  });

  it('is seen by who looks after the tenant', async () => {
    for (const role of ['owner', 'admin', 'auditor'] as const) {
      expect(await show(await server.tokenOf(role), 'payroll', 'finance'), role).toBe(200);
    }
    expect(await start(await server.tokenOf('auditor'), 'payroll', 'finance')).toBe(403);
  });

  it('is opened and closed by who gives roles, not by who changes processes', async () => {
    const token = await server.tokenOf('developer');
    const request = { token, params: { process: 'invoices' }, query: { project: 'finance' } };
    expect(await statusOf('processes.set', { ...request, body: { isPrivate: true } })).toBe(403);
    expect(await statusOf('processes.set', { ...request, body: { priority: 3 } })).toBe(200);
  });
});
