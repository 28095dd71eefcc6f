/** What the audit chain says should be so: its events, one after the other, folded into who holds what. Pure. */
import type { AuditEvent } from '../../protocol/audit/chain.js';
import type { HeldRole } from '../store/audit-state.js';

export interface ToldJob {
  readonly events: number;
  readonly digest: string;
}

export interface ToldState {
  /** False where retention removed the beginning: what was done then is not known. */
  readonly isWhole: boolean;
  /** Whether somebody was given this role there. */
  wasGiven(held: HeldRole): boolean;
  /** Permissions of the tenant's own roles by name. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** Signatures demanded, by the environment's id. */
  readonly demands: ReadonlyMap<string, boolean>;
  /** Ids of publishers' keys that are trusted. */
  readonly trusted: ReadonlySet<string>;
  readonly jobs: ReadonlyMap<string, ToldJob>;
}

export interface StateFold {
  add(event: AuditEvent): void;
  readonly state: ToldState;
}

/** A role anywhere: invitations of older versions did not say where. */
const ANYWHERE = '?';

export function foldState(normalEmail: (text: string) => string): StateFold {
  const given = new Set<string>();
  const roles = new Map<string, readonly string[]>();
  const demands = new Map<string, boolean>();
  const trusted = new Set<string>();
  const jobs = new Map<string, ToldJob>();
  let first: number | null = null;
  const emailOf = ({ target }: AuditEvent) => normalEmail(target?.name ?? target?.id ?? '');
  const forget = (email: string) => {
    for (const key of given) if (key.startsWith(`${email}\n`)) given.delete(key);
  };
  const steps: Readonly<Record<string, (event: AuditEvent, after: Facts) => void>> = {
    'user.join': ({ actor }, after) =>
      given.add(
        keyOf(normalEmail(actor.name), text(after['role']), 'project' in after ? placeOf(after) : ANYWHERE),
      ),
    'role.grant': (event, after) => given.add(keyOf(emailOf(event), text(after['role']), placeOf(after))),
    'role.revoke': (event, after) => {
      const said = { ...event.before, ...after };
      given.delete(keyOf(emailOf(event), text(said['role']), placeOf(said)));
    },
    'user.remove': (event) => forget(emailOf(event)),
    'role.create': ({ target }, after) => roles.set(target?.name ?? '', list(after['permissions'])),
    'role.delete': ({ target }) => roles.delete(target?.name ?? ''),
    'environment.set': ({ target }, after) => demands.set(target?.id ?? '', after['needsSignature'] === true),
    'publisher.create': ({ target }) => trusted.add(target?.id ?? ''),
    'publisher.revoke': ({ target }) => trusted.delete(target?.id ?? ''),
    'jobs.seal': (_, after) => {
      for (const { id, events, digest } of list<{ id: string } & ToldJob>(after['jobs']))
        jobs.set(id, { events, digest });
    },
  };
  return {
    add: (event) => {
      first ??= event.seq;
      if (event.outcome === 'done' && Object.hasOwn(steps, event.action))
        steps[event.action]?.(event, event.after ?? {});
    },
    state: {
      get isWhole() {
        return first === null || first === 1;
      },
      wasGiven: ({ email, role, ...place }) =>
        given.has(keyOf(email, role, placeOf(place))) || given.has(keyOf(email, role, ANYWHERE)),
      roles,
      demands,
      trusted,
      jobs,
    },
  };
}

type Facts = Readonly<Record<string, unknown>>;

function keyOf(email: string, role: string, place: string): string {
  return `${email}\n${role}\n${place}`;
}

function placeOf({ project, process }: Facts): string {
  return `${text(project)}/${text(process)}`;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list<T = string>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
