/** What each built-in role may do: one literal table. A tenant's own roles lie in its database. */
import {
  type Access,
  INSTALLATION_PERMISSIONS,
  PERMISSIONS,
  type Permission,
} from '../../protocol/permissions.js';
import { type Grant, heldAnywhere } from './reach.js';

/** `runner` is what a registered runner is; it is granted to nobody. */
export const ROLES = ['owner', 'admin', 'developer', 'operator', 'auditor', 'viewer', 'runner'] as const;
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
  'publishers:read',
  'assets:read',
] as const satisfies readonly Permission[];

const OPERATE = [
  'jobs:start',
  'jobs:cancel',
  'jobs:retry',
  'evidence:publish',
] as const satisfies readonly Permission[];

const DEVELOP = [
  'robots:pull',
  'robots:publish',
  'deployments:create',
  'processes:write',
  'assets:write',
] as const satisfies readonly Permission[];

const AUDIT = [
  'processes:private',
  'users:read',
  'roles:read',
  'keys:read',
  'audit:read',
  'evidence:read',
] as const satisfies readonly Permission[];

const ADMINISTER = [
  'projects:write',
  'environments:write',
  'pools:write',
  'robots:yank',
  'runners:register',
  'runners:manage',
  'keys:write',
  'publishers:write',
  'assets:reveal',
  'users:invite',
  'users:manage',
  'roles:write',
  'roles:grant',
] as const satisfies readonly Permission[];

const OWN = ['owners:manage', ...INSTALLATION_PERMISSIONS] as const satisfies readonly Permission[];

export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  owner: [...READ, ...OPERATE, ...DEVELOP, ...AUDIT, ...ADMINISTER, ...OWN],
  admin: [...READ, ...OPERATE, ...DEVELOP, ...AUDIT, ...ADMINISTER],
  developer: [...READ, ...OPERATE, ...DEVELOP],
  operator: [...READ, ...OPERATE],
  auditor: [...READ, ...AUDIT],
  viewer: READ,
  // Its routes are opened by the kind of its token, not by a permission.
  runner: [],
};

/** The tenant of the first start: its owners look after the installation. */
export const HOME_TENANT = 'default';

export function isBuiltIn(name: string): name is Role {
  return Object.hasOwn(ROLE_PERMISSIONS, name);
}

/**
 * What a role gives in a tenant. `own` is what the tenant's own role of that name holds. A role that is not known (of a
 * newer server, say) gives nothing, and what concerns all tenants is nothing outside the home tenant.
 */
export function permissionsOf(role: string, tenant: string, own: readonly string[] = []): Set<Permission> {
  const named: readonly string[] = isBuiltIn(role) ? ROLE_PERMISSIONS[role] : own;
  const isHome = tenant === HOME_TENANT;
  return new Set(
    PERMISSIONS.filter(
      (one) =>
        named.includes(one) && (isHome || !(INSTALLATION_PERMISSIONS as readonly string[]).includes(one)),
    ),
  );
}

export type Verdict = 'allowed' | 'unauthenticated' | 'forbidden';

/** Who asks, as far as this judgement needs it: nobody, a runner, a job, or somebody to whom roles were granted. */
export type Asker = null | { readonly kind: 'runner' | 'job' } | { readonly grants: readonly Grant[] };

/**
 * Whether this caller may use a route of this access at all; where the permission must be held is the next question. A
 * token of a runner or of a job opens nothing but the routes of its kind, and nothing else opens those.
 */
export function judgeAccess(access: Access, asker: Asker): Verdict {
  if (access === 'public') return 'allowed';
  if (asker === null) return 'unauthenticated';
  if (!('grants' in asker)) return access === asker.kind ? 'allowed' : 'forbidden';
  if (access === 'runner' || access === 'job') return 'forbidden';
  return access === 'user' || access === 'caller' || heldAnywhere(asker.grants, access)
    ? 'allowed'
    : 'forbidden';
}
