import { describe, expect, it } from 'vitest';
import {
  judgeAccess,
  permissionsOf,
  ROLE_PERMISSIONS,
  ROLES,
} from '../../../src/orchestrator/decide/permissions.js';
import { type Access, PERMISSIONS } from '../../../src/protocol/permissions.js';

/** Reviewed by eye: o owner, a admin, d developer, p operator, u auditor, v viewer; a runner holds none. */
const EXPECTED: Readonly<Record<(typeof PERMISSIONS)[number], string>> = {
  'projects:read': 'oadpuv',
  'projects:write': 'oa',
  'environments:read': 'oadpuv',
  'environments:write': 'oa',
  'pools:read': 'oadpuv',
  'pools:write': 'oa',
  'robots:read': 'oadpuv',
  'robots:pull': 'oad',
  'robots:publish': 'oad',
  'robots:yank': 'oa',
  'deployments:read': 'oadpuv',
  'deployments:create': 'oad',
  'processes:read': 'oadpuv',
  'processes:write': 'oad',
  'processes:private': 'oau',
  'jobs:read': 'oadpuv',
  'jobs:start': 'oadp',
  'jobs:cancel': 'oadp',
  'jobs:retry': 'oadp',
  'runners:read': 'oadpuv',
  'runners:register': 'oa',
  'assets:read': 'oadpuv',
  'assets:write': 'oad',
  'assets:reveal': 'oa',
  'publishers:read': 'oadpuv',
  'publishers:write': 'oa',
  'keys:read': 'oau',
  'keys:write': 'oa',
  'audit:read': 'oau',
  'evidence:read': 'oau',
  'evidence:publish': 'oadp',
  'runners:manage': 'oa',
  'users:read': 'oau',
  'users:invite': 'oa',
  'users:manage': 'oa',
  'roles:read': 'oau',
  'roles:write': 'oa',
  'roles:grant': 'oa',
  'owners:manage': 'o',
  'tenants:read': 'o',
  'tenants:manage': 'o',
  'nodes:read': 'o',
  'nodes:manage': 'o',
};

const LETTERS = {
  owner: 'o',
  admin: 'a',
  developer: 'd',
  operator: 'p',
  auditor: 'u',
  viewer: 'v',
  runner: '-',
} as const;

describe('roles', () => {
  it.each(ROLES)('%s may do exactly what the table says', (role) => {
    const expected = PERMISSIONS.filter((permission) => EXPECTED[permission].includes(LETTERS[role]));
    expect([...ROLE_PERMISSIONS[role]].sort()).toEqual([...expected].sort());
  });

  it('that are unknown give nothing', () => {
    for (const name of ['hacker', '__proto__', 'constructor', '']) {
      expect(permissionsOf(name, 'default').size).toBe(0);
    }
  });
});

describe('a role in a tenant', () => {
  it('of its own holds what it says, and nothing that is no permission', () => {
    const held = permissionsOf('night-shift', 'default', ['jobs:start', 'jobs:cancel', 'nonsense']);
    expect([...held].sort()).toEqual(['jobs:cancel', 'jobs:start']);
  });

  it('that bears a built-in name is the built-in one, whatever the database says', () => {
    expect(permissionsOf('viewer', 'default', ['tenants:manage']).has('tenants:manage')).toBe(false);
  });

  it('concerns all tenants in the home tenant alone', () => {
    expect(permissionsOf('owner', 'default').has('tenants:manage')).toBe(true);
    expect(permissionsOf('owner', 'acme').has('tenants:manage')).toBe(false);
    expect(permissionsOf('owner', 'acme').has('owners:manage')).toBe(true);
    expect(permissionsOf('mine', 'acme', ['tenants:manage']).size).toBe(0);
  });
});

describe('judgeAccess', () => {
  const user = (...roles: string[]) => ({
    grants: roles.map((role) => ({
      role,
      scope: { kind: 'tenant' as const },
      permissions: permissionsOf(role, 'default'),
    })),
  });
  const runner = { kind: 'runner' as const };
  it.each<[Access, Parameters<typeof judgeAccess>[1], ReturnType<typeof judgeAccess>]>([
    ['public', null, 'allowed'],
    ['public', runner, 'allowed'],
    ['user', null, 'unauthenticated'],
    ['user', user(), 'allowed'],
    ['user', runner, 'forbidden'],
    ['runner', null, 'unauthenticated'],
    ['runner', user('owner'), 'forbidden'],
    ['runner', runner, 'allowed'],
    ['jobs:start', null, 'unauthenticated'],
    ['jobs:start', user('viewer'), 'forbidden'],
    ['jobs:start', user('operator'), 'allowed'],
    ['jobs:start', runner, 'forbidden'],
  ])('%s asked by %o is %s', (access, asker, verdict) => {
    expect(judgeAccess(access, asker)).toBe(verdict);
  });
});
