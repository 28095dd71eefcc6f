/** What the audit chain says of changes to people, roles and tenants. */
import type { AuditTarget } from '../../protocol/audit/chain.js';
import type { AuditRule, Mutating } from './audit-rules.js';

type IdentityRoutes = Extract<
  Mutating,
  | 'auth.sso'
  | 'auth.accept'
  | 'auth.recover'
  | `me.${string}`
  | `users.${string}`
  | `roles.${string}`
  | `tenants.${string}`
>;

export const IDENTITY_AUDIT_RULES: { readonly [K in IdentityRoutes]: AuditRule<K> } = {
  'auth.sso': { action: 'session.begin', toldBy: 'handler' },
  'auth.accept': { action: 'user.join', toldBy: 'handler' },
  'auth.recover': { action: 'link.send', toldBy: 'handler' },

  'me.password': { action: 'password.set', toldBy: 'handler' },
  'me.factor-enrol': { unaudited: 'a secret that counts only once it is confirmed' },
  'me.factor-confirm': { action: 'second-factor.enrol', toldBy: 'handler' },
  'me.factor-remove': { action: 'second-factor.drop', toldBy: 'handler' },

  'users.create': { action: 'user.invite', tell: ({ id }, { body }) => invited(id, body) },
  'users.invite': { action: 'user.invite', tell: ({ id }, { body }) => invited(id, body) },
  'users.recover': {
    action: 'link.create',
    tell: ({ id }, { params, body }) => ({
      target: target('user', params.id),
      after: { link: id, what: body.what },
    }),
  },
  'users.set': {
    action: 'user.set',
    tell: ({ id, email, state }) => ({ target: target('user', id, email), after: { state } }),
  },
  'users.revoke': { action: 'user.remove', tell: (_, { params }) => ({ target: target('user', params.id) }) },

  'roles.create': {
    action: 'role.create',
    tell: ({ name, permissions }) => ({ target: target('role', name, name), after: { permissions } }),
  },
  'roles.delete': {
    action: 'role.delete',
    tell: (_, { params }) => ({ target: target('role', params.role, params.role) }),
  },
  'roles.grant': { action: 'role.grant', tell: (_, { params, body }) => held(params.role, body) },
  'roles.revoke': { action: 'role.revoke', tell: (_, { params, body }) => held(params.role, body) },

  'tenants.create': {
    action: 'tenant.create',
    tell: ({ id, name }, { body }) => ({ target: target('tenant', id, name), after: { owner: body.owner } }),
  },
  'tenants.set': {
    action: 'tenant.set',
    tell: ({ id, name, needsSecondFactor }) => ({
      target: target('tenant', id, name),
      after: { needsSecondFactor },
    }),
  },
  'tenants.pause': { action: 'tenant.pause', tell: ({ id, name, state }) => changed(id, name, state) },
  'tenants.resume': { action: 'tenant.resume', tell: ({ id, name, state }) => changed(id, name, state) },
  'tenants.delete': {
    action: 'tenant.delete',
    tell: ({ id, name, state, purgeAt }) => ({
      target: target('tenant', id, name),
      after: { state, purgeAt },
    }),
  },
};

interface Scope {
  readonly project?: string | undefined;
  readonly process?: string | undefined;
}

function invited(
  id: string,
  { email, role, ...scope }: Scope & { readonly email: string; readonly role: string },
) {
  return { target: target('invitation', id, email), after: { role, ...whereOf(scope) } };
}

function held(role: string, { user, ...scope }: Scope & { readonly user: string }) {
  return { target: target('user', user, user), after: { role, ...whereOf(scope) } };
}

function changed(id: string, name: string, state: string) {
  return { target: target('tenant', id, name), after: { state } };
}

function whereOf({ project, process }: Scope) {
  return { project: project ?? null, process: process ?? null };
}

function target(kind: string, id: string, name: string | null = null): AuditTarget {
  return { kind, id, name };
}
