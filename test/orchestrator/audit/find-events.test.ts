import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findAuditEvents } from '../../../src/orchestrator/audit/find-events.js';
import { startTestServer, type TestServer } from '../../helpers/test-server.js';

let server: TestServer;
let owner: string;

beforeEach(async () => {
  server = await startTestServer();
  owner = await server.tokenOf('owner');
});
afterEach(() => server.close());

const create = (name: string) => server.ok('projects.create', { token: owner, body: { name } });
const namesOf = async (query: Record<string, unknown>) => {
  const { items } = await server.ok('audit.list', { token: owner, query });
  return items.map(({ target }) => target?.name);
};

describe('findAuditEvents', () => {
  it('finds what was done by and to somebody under the name that the list shows', async () => {
    const { id } = await create('payroll');
    await create('finance');
    const action = 'project.create';
    expect(await namesOf({ action, actor: 'owner@x' })).toEqual(['finance', 'payroll']);
    expect(await namesOf({ action, actor: 'OWNER@X', target: 'payroll' })).toEqual(['payroll']);
    expect(await namesOf({ target: id })).toEqual(['payroll']);
    expect(await namesOf({ actor: 'admin@x' })).toEqual([]);
  });

  it('finds versions by their robot, with and without the project', async () => {
    const { store, auth } = server.parts;
    const target = { kind: 'version', id: 'v1', name: 'default/greet@1.0.0' };
    const actor = { kind: 'user', id: 'u', name: 'ada@x' } as const;
    const event = { tenantId: server.tenantId, actor, action: 'version.publish', target };
    await store.transaction((tx) => auth.audit.append(tx, event));
    for (const wanted of ['default/greet@1.0.0', 'default/greet', 'greet', 'greet@1.0.0', 'v1'])
      expect(await namesOf({ target: wanted })).toEqual(['default/greet@1.0.0']);
    expect(await namesOf({ target: 'gree' })).toEqual([]);
  });

  it('goes on page by page, over stretches in which nothing fits', async () => {
    for (const name of ['a1', 'b1', 'a2', 'b2', 'a3']) await create(name);
    const query = { tenantId: server.tenantId, action: 'project.create', actor: 'owner@x', limit: 2 };
    const pages: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = await findAuditEvents(server.parts.store, { ...query, cursor });
      pages.push(page.items.map(({ target }) => target?.name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(pages).toEqual([['a3', 'b2'], ['a2', 'b1'], ['a1']]);
  });
});
