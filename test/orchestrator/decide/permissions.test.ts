import { describe, expect, it } from 'vitest';
import {
  judgeAccess,
  permissionsOf,
  ROLE_PERMISSIONS,
  ROLES,
} from '../../../src/orchestrator/decide/permissions.js';
import { type Access, PERMISSIONS } from '../../../src/protocol/permissions.js';

/** Reviewed by eye: o owner, a admin, d developer, p operator, u auditor, v viewer. */
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
  'jobs:read': 'oadpuv',
  'jobs:start': 'oadp',
  'jobs:cancel': 'oadp',
  'jobs:retry': 'oadp',
  'runners:read': 'oadpuv',
  'runners:register': 'oa',
  'runners:manage': 'oa',
};

const LETTERS = { owner: 'o', admin: 'a', developer: 'd', operator: 'p', auditor: 'u', viewer: 'v' } as const;

describe('roles', () => {
  it.each(ROLES)('%s may do exactly what the table says', (role) => {
    const expected = PERMISSIONS.filter((permission) => EXPECTED[permission].includes(LETTERS[role]));
    expect([...ROLE_PERMISSIONS[role]].sort()).toEqual([...expected].sort());
  });

  it('add up, and an unknown one gives nothing', () => {
    expect(permissionsOf(['viewer', 'operator', 'hacker', '__proto__'])).toEqual(permissionsOf(['operator']));
    expect(permissionsOf([]).size).toBe(0);
  });
});

describe('judgeAccess', () => {
  const user = (...roles: string[]) => ({ kind: 'user' as const, permissions: permissionsOf(roles) });
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
