/** Every route of the HTTP API as one literal table: method, path, who may call it. Shapes are in contracts.ts. */
import type { Permission, Reach } from './permissions.js';

/** What needs a permission says where it must be held. */
type WhoMayCall =
  | { readonly access: 'public' | 'user' | 'runner'; readonly on?: never }
  | { readonly access: Permission; readonly on: Reach };

export type Route = WhoMayCall & {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `:name` marks a parameter. */
  readonly path: string;
  readonly summary: string;
  /** Status of the successful reply; 200 when absent. */
  readonly status?: 201 | 202 | 204;
  /** The reply holds a secret that is shown once: it is never kept, so a repeat with the same key is refused. */
  readonly isSecretReply?: true;
};

export const ROUTES = {
  'auth.login': {
    method: 'POST',
    path: '/api/v1/auth/login',
    access: 'public',
    summary: 'Sign in with e-mail and password',
  },
  'auth.refresh': {
    method: 'POST',
    path: '/api/v1/auth/refresh',
    access: 'public',
    summary: 'Trade a refresh token for a new pair',
  },
  'auth.logout': {
    method: 'POST',
    path: '/api/v1/auth/logout',
    access: 'user',
    status: 204,
    summary: 'End this session',
  },
  'me.show': {
    method: 'GET',
    path: '/api/v1/me',
    access: 'user',
    summary: 'Who the caller is and what it may do',
  },

  'projects.list': {
    method: 'GET',
    path: '/api/v1/projects',
    access: 'projects:read',
    on: 'projects',
    summary: 'List projects',
  },
  'projects.create': {
    method: 'POST',
    path: '/api/v1/projects',
    access: 'projects:write',
    on: 'tenant',
    status: 201,
    summary: 'Create a project',
  },
  'environments.list': {
    method: 'GET',
    path: '/api/v1/environments',
    access: 'environments:read',
    on: 'shared',
    summary: 'List environments',
  },
  'environments.create': {
    method: 'POST',
    path: '/api/v1/environments',
    access: 'environments:write',
    on: 'tenant',
    status: 201,
    summary: 'Create an environment',
  },
  'pools.list': {
    method: 'GET',
    path: '/api/v1/pools',
    access: 'pools:read',
    on: 'shared',
    summary: 'List pools',
  },
  'pools.create': {
    method: 'POST',
    path: '/api/v1/pools',
    access: 'pools:write',
    on: 'tenant',
    status: 201,
    summary: 'Create a pool',
  },

  'robots.list': {
    method: 'GET',
    path: '/api/v1/robots',
    access: 'robots:read',
    on: 'projects',
    summary: 'List robots with their newest version',
  },
  'versions.list': {
    method: 'GET',
    path: '/api/v1/robots/:robot/versions',
    access: 'robots:read',
    on: 'project',
    summary: 'List the versions of a robot, newest first',
  },
  'versions.show': {
    method: 'GET',
    path: '/api/v1/robots/:robot/versions/:version',
    access: 'robots:read',
    on: 'project',
    summary: 'Show a version',
  },
  'versions.publish': {
    method: 'PUT',
    path: '/api/v1/robots/:robot/versions/:version/content',
    access: 'robots:publish',
    on: 'project',
    status: 201,
    summary: 'Publish a version: the body is the package (zip)',
  },
  'versions.pull': {
    method: 'GET',
    path: '/api/v1/robots/:robot/versions/:version/content',
    access: 'robots:pull',
    on: 'project',
    summary: 'Download the package as it was published',
  },
  'versions.yank': {
    method: 'POST',
    path: '/api/v1/robots/:robot/versions/:version/yank',
    access: 'robots:yank',
    on: 'project',
    summary: 'Withdraw a version from new deployments',
  },

  'deployments.list': {
    method: 'GET',
    path: '/api/v1/deployments',
    access: 'deployments:read',
    on: 'projects',
    summary: 'List deployments, newest first',
  },
  'deployments.create': {
    method: 'POST',
    path: '/api/v1/deployments',
    access: 'deployments:create',
    on: 'project',
    status: 201,
    summary: 'Deploy a version to an environment',
  },
  'deployments.rollback': {
    method: 'POST',
    path: '/api/v1/deployments/rollback',
    access: 'deployments:create',
    on: 'project',
    status: 201,
    summary: 'Deploy the former version again',
  },

  'processes.list': {
    method: 'GET',
    path: '/api/v1/processes',
    access: 'processes:read',
    on: 'processes',
    summary: 'List processes',
  },
  'processes.show': {
    method: 'GET',
    path: '/api/v1/processes/:process',
    access: 'processes:read',
    on: 'process',
    summary: 'Show a process and what it runs where',
  },
  'processes.set': {
    method: 'PUT',
    path: '/api/v1/processes/:process',
    access: 'processes:write',
    on: 'process',
    summary: 'Create or change a process',
  },

  'jobs.list': {
    method: 'GET',
    path: '/api/v1/jobs',
    access: 'jobs:read',
    on: 'processes',
    summary: 'List jobs, newest first',
  },
  'jobs.start': {
    method: 'POST',
    path: '/api/v1/jobs',
    access: 'jobs:start',
    on: 'process',
    status: 201,
    summary: 'Start a job',
  },
  'jobs.show': {
    method: 'GET',
    path: '/api/v1/jobs/:id',
    access: 'jobs:read',
    on: 'job',
    summary: 'Show a job and its history',
  },
  'jobs.logs': {
    method: 'GET',
    path: '/api/v1/jobs/:id/logs',
    access: 'jobs:read',
    on: 'job',
    summary: 'Read stored log lines',
  },
  'jobs.events': {
    method: 'GET',
    path: '/api/v1/jobs/:id/events',
    access: 'jobs:read',
    on: 'job',
    summary: 'Follow state changes and log lines (SSE)',
  },
  'jobs.why': {
    method: 'GET',
    path: '/api/v1/jobs/:id/why',
    access: 'jobs:read',
    on: 'job',
    summary: 'Explain why a job waits',
  },
  'jobs.cancel': {
    method: 'POST',
    path: '/api/v1/jobs/:id/cancel',
    access: 'jobs:cancel',
    on: 'job',
    status: 202,
    summary: 'Ask a job to stop',
  },
  'jobs.retry': {
    method: 'POST',
    path: '/api/v1/jobs/:id/retry',
    access: 'jobs:retry',
    on: 'job',
    status: 201,
    summary: 'Run an ended or held job again',
  },

  'evidence.publish': {
    method: 'POST',
    path: '/api/v1/evidence',
    access: 'evidence:publish',
    on: 'tenant',
    status: 201,
    summary: 'Publish what a check found',
  },
  'evidence.list': {
    method: 'GET',
    path: '/api/v1/evidence',
    access: 'evidence:read',
    on: 'tenant',
    summary: 'List evidence, newest first',
  },
  'evidence.show': {
    method: 'GET',
    path: '/api/v1/evidence/:id',
    access: 'evidence:read',
    on: 'tenant',
    summary: 'Show what is known of one piece of evidence',
  },
  'evidence.content': {
    method: 'GET',
    path: '/api/v1/evidence/:id/content',
    access: 'evidence:read',
    on: 'tenant',
    summary: 'The envelope as it was published',
  },

  'audit.list': {
    method: 'GET',
    path: '/api/v1/audit',
    access: 'audit:read',
    on: 'tenant',
    summary: 'List audit events, newest first',
  },
  'audit.export': {
    method: 'GET',
    path: '/api/v1/audit/export',
    access: 'audit:read',
    on: 'tenant',
    summary: 'The whole chain as JSON Lines, to be verified elsewhere',
  },
  'audit.checkpoint': {
    method: 'GET',
    path: '/api/v1/audit/checkpoint',
    access: 'audit:read',
    on: 'tenant',
    summary: 'A signed checkpoint of this moment, to be kept elsewhere',
  },
  'audit.keys': {
    method: 'GET',
    path: '/api/v1/audit/keys',
    access: 'audit:read',
    on: 'tenant',
    summary: 'Public keys of checkpoints and exports',
  },

  'runners.list': {
    method: 'GET',
    path: '/api/v1/runners',
    access: 'runners:read',
    on: 'tenant',
    summary: 'List runners',
  },
  'runners.token': {
    method: 'POST',
    path: '/api/v1/runners/tokens',
    access: 'runners:register',
    on: 'tenant',
    status: 201,
    isSecretReply: true,
    summary: 'Make a one-time registration token',
  },
  'runners.drain': {
    method: 'POST',
    path: '/api/v1/runners/:id/drain',
    access: 'runners:manage',
    on: 'tenant',
    summary: 'Give a runner no more jobs',
  },
  'runners.remove': {
    method: 'DELETE',
    path: '/api/v1/runners/:id',
    access: 'runners:manage',
    on: 'tenant',
    status: 204,
    summary: 'Forget a runner and refuse its key',
  },

  'nodes.list': {
    method: 'GET',
    path: '/api/v1/nodes',
    access: 'nodes:read',
    on: 'tenant',
    summary: 'List the servers of this installation',
  },
  'nodes.show': {
    method: 'GET',
    path: '/api/v1/nodes/:id',
    access: 'nodes:read',
    on: 'tenant',
    summary: 'Show a server',
  },
  'nodes.drain': {
    method: 'POST',
    path: '/api/v1/nodes/:id/drain',
    access: 'nodes:manage',
    on: 'tenant',
    summary: 'Let a server hold no more polls and streams',
  },
  'nodes.resume': {
    method: 'POST',
    path: '/api/v1/nodes/:id/resume',
    access: 'nodes:manage',
    on: 'tenant',
    summary: 'End the drain of a server',
  },

  'runner.register': {
    method: 'POST',
    path: '/api/v1/runner/register',
    access: 'public',
    status: 201,
    summary: 'Register with a one-time token',
  },
  'runner.token': {
    method: 'POST',
    path: '/api/v1/runner/token',
    access: 'public',
    summary: 'Trade a signed assertion for an access token',
  },
  'runner.session': {
    method: 'POST',
    path: '/api/v1/runner/session',
    access: 'runner',
    summary: 'Open a session; the former one ends',
  },
  'runner.leave': {
    method: 'DELETE',
    path: '/api/v1/runner/session',
    access: 'runner',
    status: 204,
    summary: 'End the session; unstarted leases go back at once',
  },
  'runner.poll': {
    method: 'POST',
    path: '/api/v1/runner/poll',
    access: 'runner',
    summary: 'Wait for work, at most 25 s',
  },
  'runner.heartbeat': {
    method: 'POST',
    path: '/api/v1/runner/heartbeat',
    access: 'runner',
    summary: 'Renew leases, learn of cancels',
  },
  'runner.drain': {
    method: 'POST',
    path: '/api/v1/runner/drain',
    access: 'runner',
    status: 204,
    summary: 'Take no more work',
  },
  'runner.started': {
    method: 'POST',
    path: '/api/v1/runner/jobs/:id/started',
    access: 'runner',
    status: 204,
    summary: 'The robot process runs',
  },
  'runner.package': {
    method: 'GET',
    path: '/api/v1/runner/jobs/:id/package',
    access: 'runner',
    summary: 'The encrypted package of a leased job',
  },
  'runner.logs': {
    method: 'POST',
    path: '/api/v1/runner/jobs/:id/logs',
    access: 'runner',
    summary: 'Append log lines, idempotent by sequence number',
  },
  'runner.complete': {
    method: 'POST',
    path: '/api/v1/runner/jobs/:id/complete',
    access: 'runner',
    summary: 'Report how the attempt ended, idempotent',
  },
} as const satisfies Record<string, Route>;

export type RouteId = keyof typeof ROUTES;
