/** Before anything is made: can this backup be restored, and is there a place for it? Reads only. */
import { formatDuration, MINUTE } from '../../../kernel/time.js';
import type { Cloud } from '../../cloud.js';
import { longestGap } from '../../decide/points.js';
import type { DatabaseFacts } from '../../facts.js';
import type { CheckResult, Verdict } from '../../results.js';
import type { RunContext } from '../context.js';
import type { RunPlan } from '../events.js';
import type { RunState } from '../state.js';

/** AWS refuses signatures beyond it, and ages of points would be measured wrong by it. */
const SKEW_LIMIT = 5 * MINUTE;

export async function preflight(context: RunContext): Promise<void> {
  const { journal, cloud, ca } = context;
  const { plan } = journal.state;
  const source = await cloud.instance(plan.source);
  const checks = await preflightChecks(cloud, journal.state, source, ca);
  const bad = checks.filter(({ verdict }) => verdict !== 'pass');
  if (bad.length > 0) {
    const verdict: Verdict = bad.some((check) => check.verdict === 'fail') ? 'fail' : 'inconclusive';
    const message = 'it did not begin: the preflight found what stands in its way';
    return journal.append({ type: 'failed', code: 'ROC_CHECK_FAILED', message, verdict, checks });
  }
  const rpo = await rpoFacts(context, plan, source);
  journal.append({ type: 'preflight-passed', checks, source, rpo });
}

/** A bad backup fails; a bad place for it is inconclusive, because it says nothing of the backup. */
export async function preflightChecks(
  cloud: Cloud,
  { plan, point }: Pick<RunState, 'plan' | 'point'>,
  source: DatabaseFacts | null,
  ca: string,
): Promise<CheckResult[]> {
  const { placement, asset } = plan;
  const [caller, found, key, subnets, groups] = await Promise.all([
    cloud.caller(),
    point.kind === 'pitr' || point.kind === 'aws-backup' ? point : cloud.snapshot(point.id),
    point.kmsKeyId === null ? 'Enabled' : cloud.keyState(point.kmsKeyId),
    cloud.subnetGroup(placement.subnetGroup),
    cloud.securityGroups(placement.securityGroups),
  ]);
  const isOrderable =
    source === null ||
    (await cloud.isOrderable({
      engine: source.engine,
      engineVersion: source.engineVersion,
      class: placement.class,
    }));
  const wantedAccount = asset.source.accountId;
  const isOpen = groups.filter(({ openToAll }) => openToAll).map(({ id }) => id);
  const missing = placement.securityGroups.filter((id) => !groups.some((group) => group.id === id));
  const elsewhere = groups.filter(
    ({ vpcId }) => subnets !== null && vpcId !== null && vpcId !== subnets.vpcId,
  );
  return [
    check(
      'preflight-account',
      'inconclusive',
      wantedAccount ?? 'any account',
      caller.account,
      wantedAccount === undefined || wantedAccount === caller.account,
    ),
    check(
      'preflight-clock',
      'inconclusive',
      'within 5m of AWS',
      `${formatDuration(Math.abs(caller.clockSkewMs))} off`,
      Math.abs(caller.clockSkewMs) <= SKEW_LIMIT,
    ),
    check(
      'preflight-point',
      'fail',
      `${point.id} available`,
      found?.status ?? 'gone',
      found?.status === 'available',
    ),
    check('preflight-key', 'fail', 'KMS key Enabled', key ?? 'not to be found', key === 'Enabled'),
    check(
      'preflight-subnets',
      'inconclusive',
      `subnet group ${placement.subnetGroup}`,
      subnets === null ? 'not there' : `${subnets.zones.length} zones`,
      subnets !== null,
    ),
    check(
      'preflight-security-groups',
      'inconclusive',
      'groups of the same VPC that let in only the verifier',
      groupsText(
        missing,
        isOpen,
        elsewhere.map(({ id }) => id),
      ),
      missing.length + isOpen.length + elsewhere.length === 0,
    ),
    check(
      'preflight-class',
      'inconclusive',
      `${placement.class} orderable`,
      isOrderable ? 'yes' : 'no',
      isOrderable,
    ),
    check(
      'preflight-authorities',
      'inconclusive',
      'certificates of RDS authorities',
      ca.includes('BEGIN CERTIFICATE') ? 'there' : 'none',
      ca.includes('BEGIN CERTIFICATE'),
    ),
    check(
      'preflight-restore-role',
      'inconclusive',
      'a role and a vault for AWS Backup',
      placement.restoreRole ?? 'none',
      point.kind !== 'aws-backup' || (placement.restoreRole !== null && placement.vault !== null),
    ),
  ];
}

async function rpoFacts({ points, cloud, now }: RunContext, plan: RunPlan, source: DatabaseFacts | null) {
  const window = await cloud.restoreWindow(plan.source);
  const latest = window?.to ?? source?.latestRestorableAt ?? null;
  return {
    gap: longestGap({ points: await points(), window }, now(), plan.asset.retention.min),
    restorableLag: latest === null ? null : Math.max(0, Math.round(now() - latest)),
  };
}

function check(id: string, bad: Verdict, expected: string, actual: string, isGood: boolean): CheckResult {
  return { id, verdict: isGood ? 'pass' : bad, expected, actual, seconds: 0, critical: true };
}

function groupsText(
  missing: readonly string[],
  open: readonly string[],
  elsewhere: readonly string[],
): string {
  const parts = [
    ...missing.map((id) => `${id} is not there`),
    ...open.map((id) => `${id} is open to all`),
    ...elsewhere.map((id) => `${id} is in another VPC`),
  ];
  return parts.join(', ') || 'as expected';
}
