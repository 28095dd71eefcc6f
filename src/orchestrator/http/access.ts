/** One hook that lets a request in or not: deny by default, and a route that does not say who may call it stops the start. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RocError } from '../../kernel/errors.js';
import { type Access, PERMISSIONS, type Reach } from '../../protocol/permissions.js';
import type { Caller } from '../auth/caller.js';
import { judgeAccess } from '../decide/permissions.js';
import type { Admit } from './admit.js';

/** Finds out who a bearer token speaks for. @throws RocError ROC_UNAUTHENTICATED */
export type Authenticate = (token: string) => Promise<Caller>;

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access;
    on?: Reach | undefined;
    routeId?: string;
  }
  interface FastifyRequest {
    caller: Caller | null;
  }
}

const KNOWN_REACH: ReadonlySet<string> = new Set([
  'tenant',
  'shared',
  'project',
  'process',
  'job',
  'projects',
  'processes',
] satisfies Reach[]);

const KNOWN_ACCESS: ReadonlySet<string> = new Set([
  'public',
  'user',
  'caller',
  'runner',
  'job',
  ...PERMISSIONS,
]);

export function guardRoutes(
  app: FastifyInstance,
  authenticate: Authenticate,
  admit: Admit = async () => {},
): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access === undefined || !KNOWN_ACCESS.has(config.access)) {
      throw new TypeError(`${String(method)} ${url} does not declare who may call it`);
    }
    const needsPermission = (PERMISSIONS as readonly string[]).includes(config.access);
    if (needsPermission && !KNOWN_REACH.has(config.on ?? '')) {
      throw new TypeError(`${String(method)} ${url} does not declare where its permission must be held`);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    const access = request.routeOptions.config.access;
    if (access === 'public') return;
    request.caller = await callerOf(request, authenticate);
    await admit(request.caller, request, reply);
    judge(access, request.caller);
  });
}

/** The caller as of now, judged as at the beginning. @throws RocError ROC_UNAUTHENTICATED, ROC_FORBIDDEN */
export async function readmit(request: FastifyRequest, authenticate: Authenticate): Promise<Caller | null> {
  const access = request.routeOptions.config.access;
  if (access === 'public') return null;
  const caller = await callerOf(request, authenticate);
  judge(access, caller);
  return caller;
}

function judge(access: Access | undefined, caller: Caller | null): void {
  // Without a declared access nothing is allowed, whoever asks.
  const verdict = access === undefined ? 'forbidden' : judgeAccess(access, caller);
  if (verdict === 'unauthenticated') throw notSignedIn();
  // A program has no account, no session and no password.
  const isPersonal = access === 'user' && caller?.kind === 'key';
  if (verdict === 'forbidden' || isPersonal) throw notAllowed(access, caller);
}

async function callerOf(request: FastifyRequest, authenticate: Authenticate): Promise<Caller | null> {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  const [, token] = /^Bearer ([A-Za-z0-9._~+/=-]{1,4096})$/i.exec(header) ?? [];
  if (token === undefined) throw notSignedIn();
  return authenticate(token);
}

function notSignedIn(): RocError {
  return new RocError('ROC_UNAUTHENTICATED', 'this needs a signed-in caller', {
    hint: 'Sign in (`roc login`) and send the access token as Authorization: Bearer.',
  });
}

export function notAllowed(access: Access | undefined, caller: Caller | null): RocError {
  const isMachines = (kind: string | undefined) => kind === 'runner' || kind === 'job';
  if (isMachines(caller?.kind) || isMachines(access)) {
    return new RocError('ROC_FORBIDDEN', 'a token of this kind does not open this address', {
      hint: 'A runner uses /api/v1/runner with tokens of its own and of its jobs; people use the rest.',
    });
  }
  if (caller?.kind === 'user' && caller.mustEnrol) {
    return new RocError('ROC_FORBIDDEN', `the tenant ${caller.tenant} demands a second factor`, {
      hint: 'Enrol one: `roc second-factor enrol`.',
    });
  }
  if (caller?.kind === 'key' && access === 'user') {
    return new RocError('ROC_FORBIDDEN', 'this is for people, not for API keys', {
      hint: 'Sign in (`roc login`) for what concerns an account.',
    });
  }
  return new RocError('ROC_FORBIDDEN', `this needs the permission ${access ?? 'of nobody'}`, {
    hint: 'Ask an owner or admin of the tenant for a role that has it.',
  });
}
