/** What the audit chain says should be so: its events, one after the other, folded into who holds what. Pure. */
import type { AuditEvent } from '../../protocol/audit/chain.js';
import { isTerminal, JOB_STATE_NAMES } from '../../protocol/job-states.js';
import type { HeldRole } from '../store/audit-state.js';
import { toldTokens } from './told-tokens.js';

export interface ToldJob {
  readonly events: number;
  readonly digest: string;
  /** Whether it was chained before it had ended, or again and otherwise. */
  readonly isDoubtful: boolean;
}

/** What was told of a publisher's key when it was trusted; events of older versions told no purpose. */
export interface ToldKey {
  readonly keyId: string;
  readonly purpose: string | null;
}

/** What a runner said when it came in; events of older versions told neither its keys nor its token. */
export interface ToldRunner {
  readonly pool: string;
  readonly signKey: string | null;
  readonly boxKey: string | null;
  /** What is wrong with the token that it came in with, as the end of a sentence about it. */
  readonly tokenFault: string | null;
}

export interface ToldState {
  /** False where retention removed the beginning: what was done then is not known. */
  readonly isWhole: boolean;
  /** Whether the chain begins with the owner that the first start made; it did not in older versions. */
  readonly isFirstOwnerTold: boolean;
  /**
   * Whether an owner whom nobody was told to make (the first one of an older version) went and left no owner that was
   * told of: a tenant is never without one, so there was another, and it may have been this one.
   */
  mayFollowFirstOwner(email: string): boolean;
  /** Whether somebody was given this role there. */
  wasGiven(held: HeldRole): boolean;
  /** Permissions of the tenant's own roles by name. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** Signatures demanded, by the environment's id. */
  readonly demands: ReadonlyMap<string, boolean>;
  /** Publishers' keys that are trusted, by id. */
  readonly trusted: ReadonlyMap<string, ToldKey>;
  /** Runners that are registered, by id. */
  readonly runners: ReadonlyMap<string, ToldRunner>;
  readonly jobs: ReadonlyMap<string, ToldJob>;
}

export interface StateFold {
  add(event: AuditEvent): void;
  readonly state: ToldState;
}

/** A role anywhere: invitations of older versions did not say where. */
const ANYWHERE = '?';

/** Of an owner of the whole tenant, the one who goes included: told of, it was not the first one of an older version. */
const OWNER_KEY = /\nowner\n[/?]$/;

export function foldState(normalEmail: (text: string) => string): StateFold {
  const given = new Set<string>();
  const roles = new Map<string, readonly string[]>();
  const demands = new Map<string, boolean>();
  const trusted = new Map<string, ToldKey>();
  const runners = new Map<string, ToldRunner>();
  const tokens = toldTokens();
  const jobs = new Map<string, ToldJob>();
  let first: number | null = null;
  let isFirstOwnerTold = false;
  // Null: anybody.
  let heir: string | null | undefined;
  const emailOf = ({ target }: AuditEvent) => normalEmail(target?.name ?? target?.id ?? '');
  const forget = (email: string) => {
    for (const key of given) if (key.startsWith(`${email}\n`)) given.delete(key);
  };
  const noteLeaving = (event: AuditEvent) => {
    if ([...given].some((key) => OWNER_KEY.test(key))) return;
    const actor = event.actor.kind === 'user' ? normalEmail(event.actor.name) : null;
    heir = actor === emailOf(event) ? null : actor;
  };
  const steps: Readonly<Record<string, (event: AuditEvent, after: Facts) => void>> = {
    'user.join': ({ actor }, after) =>
      given.add(
        keyOf(normalEmail(actor.name), text(after['role']), 'project' in after ? placeOf(after) : ANYWHERE),
      ),
    // An owner whom a start of the server made: at the first one, or where ROC_ADMIN_EMAIL names somebody new.
    'owner.create': (event, after) => {
      given.add(keyOf(emailOf(event), 'owner', placeOf(after)));
      isFirstOwnerTold ||= event.seq === 1;
    },
    'role.grant': (event, after) => given.add(keyOf(emailOf(event), text(after['role']), placeOf(after))),
    'role.revoke': (event, after) => {
      const said = { ...event.before, ...after };
      if (isOwner(said)) noteLeaving(event);
      given.delete(keyOf(emailOf(event), text(said['role']), placeOf(said)));
    },
    'user.remove': (event) => {
      if (list<Facts>(event.before?.['grants']).some(isOwner)) noteLeaving(event);
      forget(emailOf(event));
    },
    'role.create': ({ target }, after) => roles.set(target?.name ?? '', list(after['permissions'])),
    'role.delete': ({ target }) => roles.delete(target?.name ?? ''),
    'environment.set': ({ target }, after) => demands.set(target?.id ?? '', after['needsSignature'] === true),
    'publisher.create': ({ target }, { keyId, purpose }) =>
      trusted.set(target?.id ?? '', {
        ...{ keyId: text(keyId), purpose: textOrNull(purpose) },
      }),
    'publisher.revoke': ({ target }) => trusted.delete(target?.id ?? ''),
    'runner-token.create': tokens.made,
    'runner.register': (event, { pool, signKey, boxKey }) =>
      runners.set(event.target?.id ?? '', {
        ...{ pool: text(pool), signKey: textOrNull(signKey), boxKey: textOrNull(boxKey) },
        tokenFault: tokens.used(event),
      }),
    'runner.remove': ({ target }) => runners.delete(target?.id ?? ''),
    'jobs.seal': (_, after) => {
      for (const sealed of list<SealedJob>(after['jobs']))
        jobs.set(sealed.id, sealedOnce(jobs.get(sealed.id), sealed));
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
      get isFirstOwnerTold() {
        return isFirstOwnerTold;
      },
      mayFollowFirstOwner: (email) => heir === null || heir === email,
      wasGiven: ({ email, role, ...place }) =>
        given.has(keyOf(email, role, placeOf(place))) || given.has(keyOf(email, role, ANYWHERE)),
      roles,
      demands,
      trusted,
      runners,
      jobs,
    },
  };
}

interface SealedJob {
  readonly id: string;
  readonly state?: string;
  readonly events: number;
  readonly digest: string;
}

/** The first time counts: who has a job chained again would have what they changed taken for its history. */
function sealedOnce(first: ToldJob | undefined, { state, events, digest }: SealedJob): ToldJob {
  if (first === undefined) return { events, digest, isDoubtful: UNFINISHED.has(state ?? '') };
  const isSame = first.events === events && first.digest === digest;
  return isSame ? first : { ...first, isDoubtful: true };
}

const UNFINISHED: ReadonlySet<string> = new Set(JOB_STATE_NAMES.filter((state) => !isTerminal(state)));

type Facts = Readonly<Record<string, unknown>>;

function keyOf(email: string, role: string, place: string): string {
  return `${email}\n${role}\n${place}`;
}

/** Of the whole tenant. */
function isOwner(grant: Facts): boolean {
  return grant['role'] === 'owner' && placeOf(grant) === placeOf({});
}

function placeOf({ project, process }: Facts): string {
  return `${text(project)}/${text(process)}`;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list<T = string>(value: unknown): T[] {
  return Array.isArray(value) ? (value as T[]) : [];
}
