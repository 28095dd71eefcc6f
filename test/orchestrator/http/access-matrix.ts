/**
 * Who may do what, as it is meant to be: written by hand from the meaning of the roles and reviewed by eye, made from
 * nothing that it is held against.
 *
 * `opens` has a letter for each role that the route opens to, in its own tenant:
 * o owner, a admin, d developer, p operator, u auditor, v viewer, r a registered runner, j a running job, - nobody's
 * token needed.
 *
 * `foreign` is what the same people of another tenant get where the request names things of the first one: `missing`
 * is 404, as for what does not exist; `own` means that nothing of another tenant can be named, and the answer is about
 * their own; `refused` is 403, since only the home tenant has this; `public` is open to all.
 */
import type { RouteId } from '../../../src/protocol/routes.js';

export interface Expected {
  readonly opens: string;
  readonly foreign: 'missing' | 'own' | 'refused' | 'public';
}

const row = (opens: string, foreign: Expected['foreign']): Expected => ({ opens, foreign });

export const ACCESS_MATRIX: Readonly<Record<RouteId, Expected>> = {
  'auth.login': row('-', 'public'),
  'auth.refresh': row('-', 'public'),
  'auth.sso': row('-', 'public'),
  'auth.accept': row('-', 'public'),
  'auth.recover': row('-', 'public'),
  'auth.logout': row('oadpuv', 'own'),
  'me.show': row('oadpuv', 'own'),
  'me.password': row('oadpuv', 'own'),
  'me.factor-enrol': row('oadpuv', 'own'),
  'me.factor-confirm': row('oadpuv', 'own'),
  'me.factor-remove': row('oadpuv', 'own'),

  'projects.list': row('oadpuv', 'own'),
  'projects.create': row('oa', 'own'),
  'environments.list': row('oadpuv', 'own'),
  'environments.create': row('oa', 'own'),
  'environments.set': row('oa', 'missing'),
  'pools.list': row('oadpuv', 'own'),
  'pools.create': row('oa', 'own'),

  'robots.list': row('oadpuv', 'own'),
  'versions.list': row('oadpuv', 'missing'),
  'versions.show': row('oadpuv', 'missing'),
  'versions.publish': row('oad', 'missing'),
  'versions.pull': row('oad', 'missing'),
  'versions.yank': row('oa', 'missing'),

  'deployments.list': row('oadpuv', 'own'),
  'deployments.create': row('oad', 'missing'),
  'deployments.rollback': row('oad', 'missing'),

  'processes.list': row('oadpuv', 'own'),
  'processes.show': row('oadpuv', 'missing'),
  'processes.set': row('oad', 'missing'),

  'jobs.list': row('oadpuv', 'own'),
  'jobs.start': row('oadp', 'missing'),
  'jobs.show': row('oadpuv', 'missing'),
  'jobs.logs': row('oadpuv', 'missing'),
  'jobs.events': row('oadpuv', 'missing'),
  'jobs.why': row('oadpuv', 'missing'),
  'jobs.cancel': row('oadp', 'missing'),
  'jobs.retry': row('oadp', 'missing'),

  'runners.list': row('oadpuv', 'own'),
  'runners.token': row('oa', 'missing'),
  'runners.drain': row('oa', 'missing'),
  'runners.remove': row('oa', 'missing'),

  'assets.list': row('oadpuv', 'own'),
  'assets.show': row('oadpuv', 'missing'),
  'assets.set': row('oad', 'own'),
  'assets.reveal': row('oa', 'missing'),
  'assets.delete': row('oad', 'missing'),
  'assets.grant': row('oa', 'missing'),
  'assets.revoke': row('oa', 'missing'),

  'publishers.list': row('oadpuv', 'own'),
  'publishers.create': row('oa', 'own'),
  'publishers.revoke': row('oa', 'missing'),

  'keys.create': row('oa', 'own'),
  'keys.list': row('oau', 'own'),
  'keys.revoke': row('oa', 'missing'),
  'keys.usage': row('oau', 'missing'),

  'audit.list': row('oau', 'own'),
  'audit.export': row('oau', 'own'),
  'audit.checkpoint': row('oau', 'own'),
  'audit.keys': row('oau', 'own'),
  'audit.state': row('oau', 'own'),

  'evidence.publish': row('oadp', 'own'),
  'evidence.list': row('oau', 'own'),
  'evidence.show': row('oau', 'missing'),
  'evidence.content': row('oau', 'missing'),

  'nodes.list': row('o', 'refused'),
  'nodes.show': row('o', 'refused'),
  'nodes.drain': row('o', 'refused'),
  'nodes.resume': row('o', 'refused'),

  'users.list': row('oau', 'own'),
  'users.show': row('oau', 'missing'),
  'users.create': row('oa', 'missing'),
  'users.invite': row('oa', 'missing'),
  'users.recover': row('oa', 'missing'),
  'users.set': row('oa', 'missing'),
  'users.revoke': row('oa', 'missing'),

  'roles.list': row('oau', 'own'),
  'roles.create': row('oa', 'own'),
  'roles.delete': row('oa', 'missing'),
  'roles.grant': row('oa', 'missing'),
  'roles.revoke': row('oa', 'missing'),

  'tenants.list': row('o', 'refused'),
  'tenants.create': row('o', 'refused'),
  'tenants.show': row('o', 'refused'),
  'tenants.set': row('o', 'refused'),
  'tenants.pause': row('o', 'refused'),
  'tenants.resume': row('o', 'refused'),
  'tenants.delete': row('o', 'refused'),

  'runner.register': row('-', 'public'),
  'runner.token': row('-', 'public'),
  'runner.session': row('r', 'own'),
  'runner.leave': row('r', 'own'),
  'runner.poll': row('r', 'own'),
  'runner.heartbeat': row('r', 'own'),
  'runner.drain': row('r', 'own'),
  'runner.started': row('r', 'missing'),
  'runner.package': row('r', 'missing'),
  'runner.key': row('r', 'missing'),
  'runner.job-token': row('r', 'missing'),
  'runner.asset': row('j', 'refused'),
  'runner.logs': row('r', 'missing'),
  'runner.complete': row('r', 'missing'),
  'runner.complete-many': row('r', 'own'),
};
