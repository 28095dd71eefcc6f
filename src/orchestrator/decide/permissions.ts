/** What each role may do: one literal table, asked by one hook. */
import type { Access, Permission } from '../../protocol/permissions.js';

export const ROLES = ['owner', 'admin', 'developer', 'operator', 'auditor', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const READ = [
  'projects:read',
  'environments:read',
  'pools:read',
  'robots:read',
  'deployments:read',
  'processes:read',
  'jobs:read',
  'runners:read',
] as const satisfies readonly Permission[];

const OPERATE = ['jobs:start', 'jobs:cancel', 'jobs:retry'] as const satisfies readonly Permission[];

const DEVELOP = [
  'robots:pull',
  'robots:publish',
  'deployments:create',
  'processes:write',
] as const satisfies readonly Permission[];

const ADMINISTER = [
  'projects:write',
  'environments:write',
  'pools:write',
  'robots:yank',
  'runners:register',
  'runners:manage',
] as const satisfies readonly Permission[];

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: [...READ, ...OPERATE, ...DEVELOP, ...ADMINISTER],
  admin: [...READ, ...OPERATE, ...DEVELOP, ...ADMINISTER],
  developer: [...READ, ...OPERATE, ...DEVELOP],
  operator: [...READ, ...OPERATE],
  auditor: READ,
  viewer: READ,
};

/** All that a set of roles may do; an unknown role (of a newer server, say) gives nothing. */
export function permissionsOf(roles: readonly string[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => (isRole(role) ? ROLE_PERMISSIONS[role] : [])));
}

export type Verdict = 'allowed' | 'unauthenticated' | 'forbidden';

/** Who asks, as far as this judgement needs it: nobody, a runner, or a person with permissions. */
export type Asker = null | { kind: 'runner' } | { kind: 'user'; permissions: ReadonlySet<Permission> };

/** Whether this caller may use a route of this access. A runner's token opens nothing but the runner's own routes. */
export function judgeAccess(access: Access, asker: Asker): Verdict {
  if (access === 'public') return 'allowed';
  if (asker === null) return 'unauthenticated';
  if (access === 'runner') return asker.kind === 'runner' ? 'allowed' : 'forbidden';
  if (asker.kind === 'runner') return 'forbidden';
  return access === 'user' || asker.permissions.has(access) ? 'allowed' : 'forbidden';
}

function isRole(name: string): name is Role {
  return Object.hasOwn(ROLE_PERMISSIONS, name);
}
