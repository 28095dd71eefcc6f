/** What grants add up to at a place: pure, asked before each handler and by each list. */
import type { Permission } from '../../protocol/permissions.js';

export type GrantScope =
  | { readonly kind: 'tenant' }
  | { readonly kind: 'project'; readonly projectId: string }
  | { readonly kind: 'process'; readonly projectId: string; readonly processId: string };

/** A role, given on a tenant, a project or a process. */
export interface Grant {
  readonly role: string;
  readonly scope: GrantScope;
  readonly permissions: ReadonlySet<Permission>;
}

/** Where something lies; without a process it is the project's own. */
export interface Place {
  readonly projectId: string;
  readonly process?: { readonly id: string; readonly isPrivate: boolean };
}

/** What a list may show. Private processes are shown by their own grants, or by grants that see private ones. */
export interface Sight {
  readonly all: { readonly open: boolean; readonly private: boolean };
  readonly projects: { readonly open: readonly string[]; readonly private: readonly string[] };
  readonly processes: readonly string[];
  /** Projects in which anything at all may be seen. */
  readonly touched: readonly string[];
}

export const FULL_SIGHT: Sight = {
  all: { open: true, private: true },
  projects: { open: [], private: [] },
  processes: [],
  touched: [],
};

/** What is held on the whole tenant. */
export function heldOnTenant(grants: readonly Grant[]): ReadonlySet<Permission> {
  return new Set(
    grants.flatMap(({ scope, permissions }) => (scope.kind === 'tenant' ? [...permissions] : [])),
  );
}

export function heldAnywhere(grants: readonly Grant[], permission: Permission): boolean {
  return grants.some(({ permissions }) => permissions.has(permission));
}

/** Whether a permission is held at a place: on itself or on what it is in. */
export function heldAt(grants: readonly Grant[], permission: Permission, place: Place): boolean {
  return grants.some((grant) => grant.permissions.has(permission) && covers(grant, place));
}

/** Whether anything is held there; if not, the place is none for this caller. */
export function touches(grants: readonly Grant[], place: Place): boolean {
  return grants.some((grant) => grant.permissions.size > 0 && covers(grant, place));
}

/** Whether a permission is held at every place of the tenant, so that no place needs to be looked up. */
export function heldEverywhere(grants: readonly Grant[], permission: Permission): boolean {
  return grants.some(
    ({ scope, permissions }) =>
      scope.kind === 'tenant' && permissions.has(permission) && permissions.has('processes:private'),
  );
}

export function sightOf(grants: readonly Grant[], permission: Permission): Sight {
  const holding = grants.filter(({ permissions }) => permissions.has(permission));
  const seeing = holding.filter(({ permissions }) => permissions.has('processes:private'));
  return {
    all: { open: holding.some(isOnTenant), private: seeing.some(isOnTenant) },
    projects: { open: projectsOf(holding), private: projectsOf(seeing) },
    processes: holding.flatMap(({ scope }) => (scope.kind === 'process' ? [scope.processId] : [])),
    touched: holding.flatMap(({ scope }) => (scope.kind === 'tenant' ? [] : [scope.projectId])),
  };
}

function covers({ scope, permissions }: Grant, { projectId, process }: Place): boolean {
  if (scope.kind === 'process') return process !== undefined && process.id === scope.processId;
  const isInside = scope.kind === 'tenant' || scope.projectId === projectId;
  return isInside && (process?.isPrivate !== true || permissions.has('processes:private'));
}

function isOnTenant({ scope }: Grant): boolean {
  return scope.kind === 'tenant';
}

function projectsOf(grants: readonly Grant[]): string[] {
  return grants.flatMap(({ scope }) => (scope.kind === 'project' ? [scope.projectId] : []));
}
