/** Every route that changes something, and what the audit chain says of it: one literal table. */
import { createHash } from 'node:crypto';
import type { AuditState, AuditTarget } from '../../protocol/audit/chain.js';
import type { ReplyOf } from '../../protocol/contracts.js';
import type { ROUTES, RouteId } from '../../protocol/routes.js';
import type { Call } from './handler.js';
import { IDENTITY_AUDIT_RULES } from './identity-audit-rules.js';

export interface AuditFacts {
  readonly target?: AuditTarget;
  readonly before?: AuditState;
  readonly after?: AuditState;
}

/** What is told of a change that was made; null where nothing was changed. */
type Tell<K extends RouteId> = (answer: ReplyOf<K>, call: Call<K>) => AuditFacts | null;

export type AuditRule<K extends RouteId> =
  /** Told in the transaction of `call.transact`, with what the handler adds by `call.tell`. */
  | { readonly action: string; readonly tell: Tell<K> }
  /** The handler appends the event: only there it is known who acts. */
  | { readonly action: string; readonly toldBy: 'handler' }
  | { readonly unaudited: string };

export type Mutating = {
  [K in RouteId]: (typeof ROUTES)[K]['method'] extends 'GET' ? never : K;
}[RouteId];

const RUNNER_TRAFFIC = { unaudited: 'stands in the events of the job, whose digest is chained when it ends' };

export const AUDIT_RULES: { readonly [K in Mutating]: AuditRule<K> } = {
  'auth.login': { action: 'session.begin', toldBy: 'handler' },
  'auth.refresh': { action: 'session.reuse', toldBy: 'handler' },
  'auth.logout': {
    action: 'session.end',
    tell: (_, { caller }) => ({ target: target('session', caller.sessionId) }),
  },

  ...IDENTITY_AUDIT_RULES,

  'projects.create': {
    action: 'project.create',
    tell: ({ id, name }) => ({ target: target('project', id, name) }),
  },
  'environments.create': {
    action: 'environment.create',
    tell: ({ id, name }) => ({ target: target('environment', id, name) }),
  },
  'environments.set': {
    action: 'environment.set',
    tell: ({ id, name, needsSignature }) => ({
      target: target('environment', id, name),
      after: { needsSignature },
    }),
  },
  'pools.create': { action: 'pool.create', tell: ({ id, name }) => ({ target: target('pool', id, name) }) },

  'versions.publish': {
    action: 'version.publish',
    tell: ({ created, digest, sha256, sizeBytes, signedBy, ...version }) =>
      created ? { target: targetOf(version), after: { digest, sha256, sizeBytes, signedBy } } : null,
  },
  'versions.yank': {
    action: 'version.yank',
    tell: (version) => ({ target: targetOf(version), after: { state: version.state } }),
  },

  'deployments.create': { action: 'deployment.create', tell: (deployment) => factsOfDeployment(deployment) },
  'deployments.rollback': {
    action: 'deployment.rollback',
    tell: (deployment) => factsOfDeployment(deployment),
  },

  'processes.set': {
    action: 'process.set',
    tell: (process) => ({
      target: target('process', process.id, `${process.project}/${process.name}`),
      after: settingsOf(process),
    }),
  },

  'jobs.start': {
    action: 'job.start',
    tell: (job) => ({
      target: target('job', job.id),
      after: { ...whatRuns(job), inputSha256: sha256(job.input), priority: job.priority },
    }),
  },
  'jobs.cancel': {
    action: 'job.cancel',
    tell: (job) => ({ target: target('job', job.id), after: { state: job.state } }),
  },
  'jobs.retry': {
    action: 'job.retry',
    tell: (job, { params }) => ({
      target: target('job', params.id),
      after: { ...whatRuns(job), job: job.id },
    }),
  },

  'runners.token': {
    action: 'runner-token.create',
    tell: ({ id, expiresAt }, { body }) => ({
      target: target('runner-token', id),
      after: { pool: body.pool, expiresAt },
    }),
  },
  'runners.drain': {
    action: 'runner.drain',
    tell: ({ id, name }) => ({ target: target('runner', id, name) }),
  },
  'runners.remove': {
    action: 'runner.remove',
    tell: (_, { params }) => ({ target: target('runner', params.id) }),
  },

  'assets.set': {
    action: 'asset.set',
    tell: ({ id, project, name, environment, kind }) => ({
      target: target('asset', id, `${project}/${name}`),
      after: { kind, environment },
    }),
  },
  'assets.reveal': {
    action: 'asset.reveal',
    tell: ({ id, name }) => ({ target: target('asset', id, name) }),
  },
  'assets.delete': { action: 'asset.delete', tell: () => ({}) },
  'assets.grant': { action: 'asset.grant', tell: (asset, { body }) => givenOf(asset, body.process) },
  'assets.revoke': { action: 'asset.revoke', tell: (asset, { body }) => givenOf(asset, body.process) },

  'publishers.create': {
    action: 'publisher.create',
    tell: ({ id, name, keyId, purpose }) => ({
      target: target('publisher', id, name),
      after: { keyId, purpose },
    }),
  },
  'publishers.revoke': {
    action: 'publisher.revoke',
    tell: (_, { params }) => ({ target: target('publisher', params.id) }),
  },

  'keys.create': {
    action: 'key.create',
    tell: ({ id, consumer, prefix, scopes, rps, daily, expiresAt }) => ({
      target: target('key', id, consumer),
      after: { prefix, scopes, rps, daily, expiresAt },
    }),
  },
  'keys.revoke': { action: 'key.revoke', tell: (_, { params }) => ({ target: target('key', params.id) }) },

  'evidence.publish': {
    action: 'evidence.publish',
    tell: ({ created, id, kind, signedBy, ...found }) =>
      created
        ? {
            target: target('evidence', id, kind),
            after: { ...judgementOf(found), signedBy: signedBy?.keyId ?? null },
          }
        : null,
  },

  'nodes.drain': { action: 'node.drain', tell: ({ id }) => ({ target: target('node', id) }) },
  'nodes.resume': { action: 'node.resume', tell: ({ id }) => ({ target: target('node', id) }) },

  'runner.register': { action: 'runner.register', toldBy: 'handler' },
  'runner.token': {
    unaudited: 'a token of ten minutes for a runner that is registered; a refusal is counted',
  },
  'runner.session': RUNNER_TRAFFIC,
  'runner.leave': RUNNER_TRAFFIC,
  'runner.poll': RUNNER_TRAFFIC,
  'runner.heartbeat': RUNNER_TRAFFIC,
  'runner.drain': RUNNER_TRAFFIC,
  'runner.started': RUNNER_TRAFFIC,
  'runner.key': {
    unaudited: 'the key of a leased package for its runner; the lease stands in the events of the job',
  },
  'runner.job-token': { unaudited: 'a token of ten minutes; what it is used for is told' },
  'runner.asset': {
    action: 'asset.deliver',
    // A text is no secret: that it was read is told no more than that a person reads it.
    tell: (asset, { params }) =>
      asset.kind === 'text'
        ? null
        : { target: target('asset', asset.id, asset.name), after: { job: params.id } },
  },
  'runner.logs': RUNNER_TRAFFIC,
  'runner.complete': RUNNER_TRAFFIC,
  'runner.complete-many': RUNNER_TRAFFIC,
};

function target(kind: string, id: string, name: string | null = null): AuditTarget {
  return { kind, id, name };
}

function givenOf({ id, project, name, environment }: ReplyOf<'assets.grant'>, process = '*'): AuditFacts {
  return { target: target('asset', id, `${project}/${name}`), after: { process, environment } };
}

function targetOf({
  id,
  project,
  robot,
  version,
}: Pick<ReplyOf<'versions.show'>, 'id' | 'project' | 'robot' | 'version'>) {
  return target('version', id, `${project}/${robot}@${version}`);
}

function factsOfDeployment(deployment: ReplyOf<'deployments.rollback'>): AuditFacts {
  const { id, project, robot, environment, version, previousVersion, reason } = deployment;
  return {
    target: target('deployment', id, `${project}/${robot}`),
    before: { version: previousVersion },
    after: { environment, version, reason },
  };
}

function judgementOf({
  scope,
  verdict,
  sha256,
  policyHash,
}: Pick<ReplyOf<'evidence.show'>, 'scope' | 'verdict' | 'sha256' | 'policyHash'>): AuditState {
  return { scope, verdict, sha256, policyHash };
}

/** What can be set of a process. */
export function settingsOf(process: ReplyOf<'processes.show'>): AuditState {
  const { robot, pool, priority, timeoutMs, maxAttempts, onLost, isPrivate } = process;
  return { robot, pool, priority, timeoutMs, maxAttempts, onLost, isPrivate };
}

function whatRuns({ project, process, robot, version, environment }: ReplyOf<'jobs.start'>): AuditState {
  return { process: `${project}/${process}`, robot, version, environment };
}

/** An input may hold people's data: its digest proves it, its text is with the job. */
function sha256(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('hex');
}
