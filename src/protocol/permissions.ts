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
  'jobs:read',
  'jobs:start',
  'jobs:cancel',
  'jobs:retry',
  'runners:read',
  'runners:register',
  'runners:manage',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

/**
 * Who may call a route: `public` (no credential), `user` (any signed-in person), `runner` (a runner's own
 * token), or a person or key that holds the permission.
 */
export type Access = 'public' | 'user' | 'runner' | Permission;
