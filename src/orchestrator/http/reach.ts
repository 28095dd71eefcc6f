/** After the route's permission is known to be held somewhere: whether it is held on the very thing that is asked for. */
import { RocError } from '../../kernel/errors.js';
import type { Permission } from '../../protocol/permissions.js';
import type { Route } from '../../protocol/routes.js';
import type { Caller } from '../auth/caller.js';
import {
  FULL_SIGHT,
  type Grant,
  heldAt,
  heldEverywhere,
  heldOnTenant,
  type Place,
  type Sight,
  sightOf,
  touches,
} from '../decide/reach.js';
import {
  findJobPlace,
  findPrivateProcesses,
  findProcessPlace,
  findProjectPlace,
} from '../store/grant-places.js';
import type { Reader } from '../store/store.js';
import { notAllowed } from './access.js';

export interface Asked {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly caller: Caller | null;
}

/** @throws RocError ROC_FORBIDDEN; ROC_NOT_FOUND for what this caller may not even know of */
export async function requireReach(reader: Reader, route: Route, asked: Asked): Promise<void> {
  const { caller } = asked;
  if (route.on === undefined || caller === null || !('grants' in caller)) return;
  const { grants, tenantId } = caller;
  if (heldEverywhere(grants, route.access)) return;
  const isAllowed = await judgeReach(reader, route, { ...asked, grants, tenantId });
  if (!isAllowed) throw notAllowed(route.access, caller);
}

/** What a list may show; everything where the route is no list, since then the thing itself was judged. */
export function sightFor(route: Route, caller: Caller | null): Sight {
  const isList = route.on === 'projects' || route.on === 'processes';
  return isList && caller !== null && 'grants' in caller ? sightOf(caller.grants, route.access) : FULL_SIGHT;
}

interface Question extends Asked {
  readonly grants: readonly Grant[];
  readonly tenantId: string;
}

async function judgeReach(
  reader: Reader,
  { access, on }: Extract<Route, { readonly on: string }>,
  question: Question,
): Promise<boolean> {
  const { grants, tenantId } = question;
  const judge = (place: Place | null, what: string) => judgePlace(grants, access, place, what);
  switch (on) {
    case 'shared':
    case 'projects':
    case 'processes':
      return true;
    case 'tenant':
      return heldOnTenant(grants).has(access);
    case 'project': {
      const project = named(question, 'project');
      const place = await findProjectPlace(reader, tenantId, project);
      return judge(place, `project ${project}`) && (await mayTouchRobot(reader, access, place, question));
    }
    case 'process': {
      const ref = { project: named(question, 'project'), process: named(question, 'process') };
      const place = await findProcessPlace(reader, tenantId, ref);
      return judge(place, `process ${ref.project}/${ref.process}`);
    }
    case 'job': {
      const id = named(question, 'id');
      return judge(await findJobPlace(reader, tenantId, id), `job ${id}`);
    }
  }
}

/**
 * Whoever changes what a private process runs, or reads its code, is inside it: that needs the permission on the
 * process, too.
 */
async function mayTouchRobot(
  reader: Reader,
  access: Permission,
  place: Place | null,
  { grants, tenantId, params, body }: Question,
): Promise<boolean> {
  const { robot } = { ...(body as object), ...(params as object) } as { robot?: unknown };
  if (place === null || typeof robot !== 'string' || access === 'robots:read') return true;
  const processes = await findPrivateProcesses(reader, { tenantId, projectId: place.projectId, robot });
  return processes.every((process) => heldAt(grants, access, { ...place, process }));
}

/** What somebody holds nothing on does not exist for them. */
function judgePlace(
  grants: readonly Grant[],
  access: Permission,
  place: Place | null,
  what: string,
): boolean {
  if (place !== null && touches(grants, place)) return heldAt(grants, access, place);
  throw new RocError('ROC_NOT_FOUND', `${what} does not exist`, {
    hint: 'Check the name, and that you may see it.',
  });
}

/** The contract has checked it: a name is in the path, the query or the body, filled in where it was left out. */
function named({ params, query, body }: Question, name: string): string {
  for (const part of [params, query, body]) {
    const value = (part as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (typeof value === 'string') return value;
  }
  throw new TypeError(`a route that is judged by its ${name} has none in its contract`);
}
