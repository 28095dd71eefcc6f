/** `roc provision verify`: reads every claim of the deployed template back from AWS; changes nothing. */
import { isRocError, RocError } from '../kernel/errors.js';
import type { AwsAccess } from './aws/access.js';
import { describeCaller } from './aws/caller.js';
import type { LiveReader } from './aws/live/live-facts.js';
import { ACCOUNT_READERS, READERS } from './aws/live/readers.js';
import { deployedTemplate, describeStack, listResources, type StackResource } from './aws/stacks.js';
import { type ClaimDifference, failedClaims, failedRules } from './decide/claims.js';
import { type Known, resolved } from './decide/resolve-template.js';
import { claimedRules } from './decide/security-group-rules.js';
import { stackState } from './decide/stack-state.js';
import type { Engine } from './engine.js';
import type { Template } from './template.js';

export interface VerifiedResource {
  /** Of the template, or `account:GuardDuty` for what an account has once. */
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string | null;
  /** `unknown`: it could not be read, or roc has no live check for the type. */
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly differences: readonly ClaimDifference[];
  /** Why it is unknown. */
  readonly note: string | null;
}

export interface VerifyReport {
  readonly stackName: string;
  readonly resources: readonly VerifiedResource[];
  readonly summary: Readonly<Record<VerifiedResource['verdict'], number>>;
}

const AT_ONCE = 6;

/** The note of what roc does not check by its nature; every other unknown could not be read. */
export const NO_LIVE_CHECK = 'no live check for this type';

/** Whether something was to be read and could not be: then nobody may say that all claims hold. */
export function isUnread({ verdict, note }: Pick<VerifiedResource, 'verdict' | 'note'>): boolean {
  return verdict === 'unknown' && note !== NO_LIVE_CHECK;
}

export async function verifyStack(engine: Engine, stackName: string): Promise<VerifyReport> {
  const { access } = engine;
  const stack = await describeStack(access, stackName, engine.signal);
  const { readiness, says, next } = stackState(stack?.status ?? null);
  if (stack === null || readiness === 'absent' || readiness === 'shell')
    throw new RocError('ROC_NOT_FOUND', `the stack ${stackName} ${says}, so there is nothing to verify`, {
      hint: next,
    });
  const [body, rows, { account }] = await Promise.all([
    deployedTemplate(access, stack.id),
    listResources(access, stack.id),
    describeCaller(access),
  ]);
  const template = JSON.parse(body ?? '{"Resources":{}}') as Template;
  const byId = new Map(rows.map((row) => [row.logicalId, row]));
  const known: Known = {
    account,
    region: access.target.region,
    stackName: stack.name,
    parameters: stack.parameters,
    physicalIds: new Map(
      rows.flatMap(({ logicalId, physicalId }) => (physicalId ? [[logicalId, physicalId]] : [])),
    ),
  };
  const work = [
    ...Object.keys(template.Resources).map((id) => () => verified(access, template, id, byId.get(id), known)),
    ...Object.entries(ACCOUNT_READERS).map(
      ([id, read]) =>
        () =>
          ofAccount(access, id, read),
    ),
  ];
  const resources = (await inTurn(work, AT_ONCE)).sort((a, b) => RANK[a.verdict] - RANK[b.verdict]);
  const count = (verdict: string) => resources.filter((row) => row.verdict === verdict).length;
  return {
    stackName,
    resources,
    summary: { pass: count('pass'), fail: count('fail'), unknown: count('unknown') },
  };
}

const RANK = { fail: 0, unknown: 1, pass: 2 } as const;

async function verified(
  access: AwsAccess,
  template: Template,
  logicalId: string,
  row: StackResource | undefined,
  known: Known,
): Promise<VerifiedResource> {
  const type = template.Resources[logicalId]?.Type ?? '';
  const about = { logicalId, type, physicalId: row?.physicalId ?? null };
  // An emulator lists what it skipped without a type.
  if (row === undefined || row.physicalId === null || row.type === '')
    return { ...about, ...verdictOf(null), note: null };
  const read = READERS[type];
  if (read === undefined) return { ...about, ...UNKNOWN, note: NO_LIVE_CHECK };
  const resolve = (value: unknown) => resolved(value, template, known);
  const properties = (resolve(template.Resources[logicalId]?.Properties ?? {}) ?? {}) as Record<
    string,
    unknown
  >;
  return {
    ...about,
    ...(await judged(async () => {
      const live = await read(access, { physicalId: row.physicalId ?? '', properties });
      if (live === null) return null;
      return type === 'AWS::EC2::SecurityGroup'
        ? failedRules(claimedRules(template, logicalId, resolve), live)
        : failedClaims(type, properties, live);
    })),
  };
}

async function ofAccount(access: AwsAccess, logicalId: string, read: LiveReader): Promise<VerifiedResource> {
  const result = await judged(async () => {
    const live = await read(access, { physicalId: '', properties: {} });
    return live === null ? null : failedClaims(logicalId, {}, live);
  });
  return { logicalId, type: logicalId, physicalId: null, ...result };
}

const UNKNOWN = { verdict: 'unknown', differences: [] } as const;

async function judged(
  judge: () => Promise<ClaimDifference[] | null>,
): Promise<Pick<VerifiedResource, 'verdict' | 'differences' | 'note'>> {
  try {
    return { ...verdictOf(await judge()), note: null };
  } catch (error) {
    if (!isRocError(error) || STOP.includes(error.code)) throw error;
    return { ...UNKNOWN, note: error.message };
  }
}

// Without credentials or a network nothing can be told of anything.
const STOP: readonly string[] = ['ROC_CREDENTIALS_MISSING', 'ROC_UNREACHABLE', 'ROC_INTERRUPTED'];

function verdictOf(differences: ClaimDifference[] | null): Pick<VerifiedResource, 'verdict' | 'differences'> {
  if (differences === null)
    return { verdict: 'fail', differences: [{ claim: 'exists', expected: 'there', actual: 'missing' }] };
  return { verdict: differences.length === 0 ? 'pass' : 'fail', differences };
}

async function inTurn<T>(work: readonly (() => Promise<T>)[], atOnce: number): Promise<T[]> {
  const results: T[] = [];
  const queue = [...work.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next[0]] = await next[1]();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
