/** Asks AWS for the copy. Done twice it asks once: the copy's name comes from the run, and a name that is taken by our tag is ours. */
import { isRocError, RocError } from '../../../kernel/errors.js';
import type { RestoreRequest } from '../../cloud.js';
import { objectionsToCleaning } from '../../decide/guards.js';
import { tagsOf, testRequest } from '../../decide/placement.js';
import { nextPoint } from '../../decide/points.js';
import type { RestorePoint } from '../../facts.js';
import type { RunContext } from '../context.js';
import { awsName } from '../faults.js';
import { testIdOf } from '../names.js';
import { withRequestIds } from '../request-ids.js';

/** So many points that have gone make the run end: something takes them away. */
const MOST_REPLACEMENTS = 3;

export async function requestRestore(context: RunContext): Promise<void> {
  const { journal } = context;
  try {
    await copyGroup(context);
    journal.append({ type: 'restore-accepted', job: await restoreOnce(context) });
  } catch (error) {
    const outcome = outcomeOf(error);
    if (outcome === 'gone') return replacePoint(context, error);
    if (outcome === 'capacity' && canFallBack(context)) return fallBack(context, error);
    if (outcome !== 'refused') throw error;
    const { code, message } = error as RocError;
    journal.append({ type: 'failed', code, message, verdict: 'fail', checks: [] });
  }
}

async function copyGroup(context: RunContext): Promise<void> {
  const { journal, cloud } = context;
  const from = journal.state.plan.placement.copyParameterGroup;
  if (from === null) return;
  const to = testIdOf(journal.state.plan.run);
  const call = 'rds:CopyDBParameterGroup';
  journal.append({ type: 'intent', call, on: to });
  await withRequestIds(context, call, to, () => cloud.copyParameterGroup(from, to, tagsOf(journal.state)));
}

/** @returns the job of AWS Backup, null for a restore of RDS's own */
async function restoreOnce(context: RunContext): Promise<string | null> {
  const { journal, cloud } = context;
  const request = testRequest(journal.state);
  const call = CALLS[request.point.kind];
  journal.append({
    type: 'intent',
    call,
    on: request.id,
    detail: { point: request.point.id, class: request.class },
  });
  try {
    return await withRequestIds(context, call, request.id, async () => {
      if (request.point.kind === 'aws-backup') return await startJob(context, request);
      await cloud.restore(request);
      return null;
    });
  } catch (error) {
    if (!/^DBInstanceAlreadyExists/.test(awsName(error))) throw error;
    await requireOurs(context, request.id);
    return null;
  }
}

const CALLS = {
  automated: 'rds:RestoreDBInstanceFromDBSnapshot',
  manual: 'rds:RestoreDBInstanceFromDBSnapshot',
  pitr: 'rds:RestoreDBInstanceToPointInTime',
  'aws-backup': 'backup:StartRestoreJob',
} as const satisfies Record<RestorePoint['kind'], string>;

function startJob({ cloud, journal }: RunContext, request: RestoreRequest): Promise<string> {
  const { vault, restoreRole } = journal.state.plan.placement;
  if (vault === null || restoreRole === null)
    throw new RocError('ROC_USAGE', 'a recovery point of AWS Backup needs a vault and a role', {
      hint: 'Write vault and restoreRole of the asset in the policy.',
    });
  // The same token gives the same job again.
  return cloud.startRestoreJob(request, { vault, role: restoreRole, token: journal.state.plan.run });
}

async function requireOurs({ cloud, journal, sources }: RunContext, id: string): Promise<void> {
  const there = await cloud.instance(id);
  // Not to be seen yet, though its name is taken: the next step waits for it.
  if (there === null) return;
  const objections = objectionsToCleaning(there, journal.state.plan.run, sources);
  if (objections.length === 0) return;
  throw new RocError(
    'ROC_CONFLICT',
    `${id} is there already and is not of this run: ${objections.join(', ')}`,
    {
      hint: 'Look at who made it; roc leaves it alone.',
    },
  );
}

function outcomeOf(error: unknown): 'gone' | 'capacity' | 'refused' | 'other' {
  const name = awsName(error);
  if (/^(DBSnapshotNotFound|InvalidDBSnapshotState|PointInTimeRestoreNotEnabled)/.test(name)) return 'gone';
  if (/^InsufficientDBInstanceCapacity/.test(name)) return 'capacity';
  if (/^KMSKeyNotAccessible/.test(name)) return 'refused';
  return 'other';
}

/** No silent substitution: the point that has gone stays in the record as a failure. */
async function replacePoint({ journal, points }: RunContext, error: unknown): Promise<void> {
  const { point, checks, plan } = journal.state;
  const gone = checks.filter(({ id }) => id.startsWith('point-')).length;
  const check = {
    id: `point-${gone + 1}`,
    verdict: 'fail' as const,
    expected: `${point.id} restorable`,
    actual: isRocError(error) ? error.message : 'gone',
    seconds: 0,
    critical: true,
  };
  const facts = {
    points: await points(),
    window: null,
    source: plan.source,
    encrypted: false,
    kmsKeyId: null,
    sizeGb: null,
    engineVersion: null,
  };
  const next = gone < MOST_REPLACEMENTS ? nextPoint(facts, point) : null;
  if (next !== null) return journal.append({ type: 'point-replaced', point: next, check });
  journal.append({
    type: 'failed',
    code: 'ROC_CHECK_FAILED',
    message: `${check.actual}, and no other point is left`,
    verdict: 'fail',
    checks: [check],
  });
}

function canFallBack({ journal }: RunContext): boolean {
  const { fallbackClass } = journal.state.plan.placement;
  return fallbackClass !== null && journal.state.class !== fallbackClass;
}

function fallBack({ journal }: RunContext, error: unknown): void {
  const to = journal.state.plan.placement.fallbackClass ?? '';
  journal.append({ type: 'class-replaced', class: to, why: (error as Error).message });
}
