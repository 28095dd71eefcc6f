/** Every permission there is; a route names one of them, a role is a set of them. */

export const PERMISSIONS = [
  'projects:read',
  'projects:write',
  'environments:read',
  'environments:write',
  'pools:read',
  'pools:write',
  'robots:read',
  'robots:pull',
  'robots:publish',
  'robots:yank',
  'deployments:read',
  'deployments:create',
  'processes:read',
  'processes:write',
  /** Private processes too, without being granted a role on each. */
  'processes:private',
  'jobs:read',
  'jobs:start',
  'jobs:cancel',
  'jobs:retry',
  'runners:read',
  'runners:register',
  'runners:manage',
  'users:read',
  'users:invite',
  'users:manage',
  'roles:read',
  'roles:write',
  'roles:grant',
  /** Making and unmaking owners. */
  'owners:manage',
  'tenants:read',
  'tenants:manage',
  'nodes:read',
  'nodes:manage',
  'assets:read',
  'assets:write',
  /** The values of secrets. */
  'assets:reveal',
  'publishers:read',
  'publishers:write',
  'keys:read',
  'keys:write',
  'audit:read',
  'evidence:read',
  'evidence:publish',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/** What concerns all tenants of an installation: held in the tenant of the first start, nothing anywhere else. */
export const INSTALLATION_PERMISSIONS = [
  'tenants:read',
  'tenants:manage',
  'nodes:read',
  'nodes:manage',
] as const satisfies readonly Permission[];

/**
 * Who may call a route: `public` (no credential), `user` (any signed-in person), `caller` (any person or API key),
 * `runner` (a runner's own token), `job` (the token of one running job), or a person or key that holds the permission.
 */
export type Access = 'public' | 'user' | 'caller' | 'runner' | 'job' | Permission;

/**
 * Where the permission must be held. `tenant`: on the whole tenant. `shared`: anywhere in it, since what is asked for
 * belongs to all. `project`, `process`, `job`: on that one, or on what it is in. `projects`, `processes`: anywhere,
 * and the answer holds no more than what lies there.
 */
export type Reach = 'tenant' | 'shared' | 'project' | 'process' | 'job' | 'projects' | 'processes';
