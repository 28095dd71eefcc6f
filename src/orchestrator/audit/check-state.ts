/** Holds what the database says now to what the audit chain tells: finds what was changed without being told. */
import { DAY, MINUTE } from '../../kernel/time.js';
import type { AuditEvent } from '../../protocol/audit/chain.js';
import { digestOfJob } from '../../protocol/audit/job-digest.js';
import { publisherKeyId, readPublisherKey } from '../../protocol/package/signature.js';
import { HOME_TENANT } from '../decide/permissions.js';
import { readChain } from '../store/audit-events.js';
import {
  firstUser,
  type HeldRole,
  listDemands,
  listEndedJobs,
  listHeldRoles,
  listHeldRunners,
  listOwnRoles,
  listTrusted,
} from '../store/audit-state.js';
import { readJobEvents } from '../store/job-events.js';
import type { Reader } from '../store/store.js';
import { emailKey } from '../store/users.js';
import { foldState, type ToldState } from './told-state.js';
import { untoldRunners } from './untold-runners.js';

export interface StateProblem {
  readonly kind: 'grant' | 'role' | 'environment' | 'publisher' | 'runner' | 'job';
  readonly id: string;
  readonly message: string;
}

export interface StateVerdict {
  readonly checked: { readonly grants: number; readonly jobs: number };
  /** False where the chain's beginning is gone: who was given what then is not judged. */
  readonly isWhole: boolean;
  readonly problems: readonly StateProblem[];
  /** What cannot be judged, in words for people. */
  readonly notes: readonly string[];
}

/** Jobs that were made within this time; their history is written down within seconds of their end. */
const JOBS_OF_MS = 30 * DAY;
const SEALED_WITHIN_MS = 5 * MINUTE;
const MOST_PROBLEMS = 100;

export async function checkState(
  reader: Reader,
  tenant: { readonly id: string; readonly name: string },
): Promise<StateVerdict> {
  const now = await reader.now();
  // Before the chain, which is written with each change: what comes meanwhile is told, and not yet looked at.
  const held = await listHeldRoles(reader, tenant.id);
  const first = tenant.name === HOME_TENANT ? await firstUser(reader) : null;
  const own = await listOwnRoles(reader, tenant.id);
  const demands = await listDemands(reader, tenant.id);
  const trusted = await listTrusted(reader, tenant.id);
  const runners = await listHeldRunners(reader, tenant.id);
  const fold = foldState(emailKey);
  for await (const { body } of readChain(reader, tenant.id)) fold.add(JSON.parse(body) as AuditEvent);
  const told = fold.state;
  const untold = held.filter((one) => !told.wasGiven(one));
  const untoldOwner = first === null ? undefined : excusedOwner(untold, told, first);
  const people = told.isWhole
    ? [
        ...untold.filter((one) => one !== untoldOwner).map(untoldGrant),
        ...own.flatMap((role) => changedRole(role, told)),
        ...demands.flatMap((one) => changedDemand(one, told)),
        ...trusted.flatMap((one) => untoldPublisher(one, told)),
        ...(await stillHeld(reader, tenant.id, untoldRunners(runners, told.runners))),
      ]
    : [];
  const jobs = await checkJobs(reader, tenant.id, told, now);
  return {
    checked: { grants: held.length, jobs: jobs.checked },
    isWhole: told.isWhole,
    problems: [...people, ...jobs.problems].slice(0, MOST_PROBLEMS),
    notes: told.isWhole && untoldOwner !== undefined ? [untoldOwnerNote(untoldOwner)] : [],
  };
}

/** One that was removed while the chain was read is told of as gone. */
async function stillHeld(
  reader: Reader,
  tenantId: string,
  untold: readonly StateProblem[],
): Promise<readonly StateProblem[]> {
  if (untold.length === 0) return untold;
  const ids = new Set((await listHeldRunners(reader, tenantId)).map(({ id }) => id));
  return untold.filter(({ id }) => ids.has(id));
}

/**
 * Who came with an installation of an older version, which did not tell of it: the first person of all; or, where the
 * first owner is told to have gone, the only one there is (ROC_ADMIN_EMAIL may have made a second one untold).
 */
function excusedOwner(untold: readonly HeldRole[], told: ToldState, first: string): HeldRole | undefined {
  if (told.isFirstOwnerTold) return undefined;
  const owners = untold.filter(({ role, project }) => role === 'owner' && project === null);
  const [only] = owners;
  const next =
    only !== undefined && owners.length === 1 && told.mayFollowFirstOwner(only.email) ? only : undefined;
  return owners.find(({ email }) => email === first) ?? next;
}

function untoldOwnerNote({ email }: HeldRole): string {
  return `${email} is an owner from an older version, which told of none: know who that is; \`roc roles grant owner --to ${email}\` tells it from now on`;
}

function untoldGrant({ email, role, project, process }: HeldRole): StateProblem {
  const where = project === null ? '' : ` on ${[project, process].filter(Boolean).join('/')}`;
  return {
    kind: 'grant',
    id: email,
    message: `${email} holds ${role}${where}, which nobody was told to give; if it is right, give it again (\`roc roles grant\`), which is told, or take it away first`,
  };
}

function changedRole(
  { name, permissions }: { name: string; permissions: string[] },
  told: ToldState,
): StateProblem[] {
  const given = told.roles.get(name);
  if (given !== undefined && [...given].sort().join() === [...permissions].sort().join()) return [];
  const message =
    given === undefined
      ? `the role ${name} was made by nobody`
      : `the role ${name} holds other permissions than it was made with`;
  return [{ kind: 'role', id: name, message }];
}

function changedDemand(
  { id, name, needsSignature }: { id: string; name: string; needsSignature: boolean },
  told: ToldState,
): StateProblem[] {
  if ((told.demands.get(id) ?? false) === needsSignature) return [];
  const does = needsSignature ? 'demands' : 'does not demand';
  return [{ kind: 'environment', id, message: `${name} ${does} signatures, and the chain says otherwise` }];
}

function untoldPublisher(
  { id, keyId, publicKey, purpose }: Awaited<ReturnType<typeof listTrusted>>[number],
  told: ToldState,
): StateProblem[] {
  const given = told.trusted.get(id);
  if (given === undefined)
    return [{ kind: 'publisher', id, message: `the key ${keyId} is trusted, and the chain says otherwise` }];
  const isSame = given.keyId === keyId && keyIdOf(publicKey) === keyId;
  if (isSame && (given.purpose === null || given.purpose === purpose)) return [];
  const message = isSame
    ? `the key ${keyId} is trusted for ${purpose}, and the chain says ${given.purpose}`
    : `the key ${given.keyId} was trusted, and another one is in its place`;
  return [{ kind: 'publisher', id, message }];
}

/** Null for text that is no key. */
function keyIdOf(publicKey: string): string | null {
  try {
    return publisherKeyId(readPublisherKey(publicKey));
  } catch {
    return null;
  }
}

async function checkJobs(reader: Reader, tenantId: string, told: ToldState, now: number) {
  const window = { since: now - JOBS_OF_MS, before: now - SEALED_WITHIN_MS, now };
  const problems: StateProblem[] = [];
  let checked = 0;
  for await (const ids of listEndedJobs(reader, tenantId, window)) {
    if (ids.length === 0) continue;
    const histories = await readJobEvents(reader, ids);
    for (const id of ids) {
      checked++;
      const message = faultOf(id, histories.get(id) ?? [], told);
      if (message !== null) problems.push({ kind: 'job', id, message });
    }
    if (problems.length >= MOST_PROBLEMS) break;
  }
  return { checked, problems };
}

/** What comes after the end of a job (that it was run again, say) is no part of what was chained. */
function faultOf(id: string, history: Parameters<typeof digestOfJob>[1], told: ToldState): string | null {
  const chained = told.jobs.get(id);
  if (chained === undefined)
    return told.isWhole
      ? 'it ended, and its history was never chained: who removed it from the waiting ones?'
      : null;
  if (chained.isDoubtful) return 'it was chained before its end, or again with another history';
  const then = history.slice(0, chained.events);
  return digestOfJob(id, then) === chained.digest ? null : 'its history is not the one that was chained';
}
