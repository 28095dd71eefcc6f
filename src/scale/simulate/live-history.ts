/** The demand that the live fleet has had, from CloudWatch, as a series like any other. */
import { type AwsFlags, resolveAwsTarget } from '../../kernel/aws.js';
import type { Config } from '../../kernel/config.js';
import { RocError } from '../../kernel/errors.js';
import { readStackFile } from '../../kernel/stack-file.js';
import { MINUTE } from '../../kernel/time.js';
import { awsAccess } from '../aws/access.js';
import { type DemandHistory, type HistorySource, readHistory } from '../aws/history.js';
import { balancerNames } from '../metrics/names.js';
import { loadScalePolicy } from '../policy/load.js';
import type { NamedPoints, ReadHistory } from './series/load.js';

export interface LiveHistoryOptions {
  readonly packageRoot: string;
  readonly config: Config;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: AwsFlags;
  /** Names what to look at; the shipped policy by default. */
  readonly policyFile: string | undefined;
  readonly now: () => number;
}

/** Nothing is looked up before it is called. */
export function liveHistory(options: LiveHistoryOptions): ReadHistory {
  return async (span) => {
    const { config, cwd, env, flags, now } = options;
    const { policy } = await loadScalePolicy(options.packageRoot, options.policyFile);
    const outputs = readStackFile(config.file, cwd);
    const asgName = policy.target.asg ?? outputs?.asgName ?? null;
    const targetGroup = policy.target.targetGroup ?? outputs?.apiTargetGroupArn ?? null;
    const albArn = outputs?.albArn ?? null;
    const source: HistorySource = {
      asgName,
      balancer: albArn === null || targetGroup === null ? null : balancerNames(albArn, targetGroup),
    };
    if (source.asgName === null && source.balancer === null)
      throw new RocError('ROC_USAGE', 'there is no group whose history could be read', {
        hint: 'Name it in the policy (target.asg), or run `roc provision` first; a CSV file needs neither.',
      });
    const region =
      flags.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? outputs?.region ?? undefined;
    const access = awsAccess(resolveAwsTarget({ ...flags, region }, env));
    return [
      demandPoints(
        asgName ?? 'cloudwatch',
        await readHistory(access, source, { now: now(), backMs: span }),
        policy.signal.capacityPerInstance,
      ),
    ];
  };
}

/**
 * Requests a minute where the balancer counted any, else CPU times the instances that served: that one ends where they
 * were full. What one instance carries is what the policy says, else what CPU and requests of the past say.
 * @throws RocError ROC_NOT_FOUND where CloudWatch has neither
 */
export function demandPoints(name: string, history: DemandHistory, capacity: number | 'auto'): NamedPoints {
  const { from, stepMs, cpu, healthy, inService } = history;
  const busy = cpu.map((percent, i) => {
    const size = inService[i] ?? healthy[i] ?? null;
    return percent === null || size === null ? null : (percent / 100) * size;
  });
  const requests = history.requests.map((count) => (count === null ? null : (count * MINUTE) / stepMs));
  const counted = requests.some((value) => value !== null && value > 0);
  const values = counted ? requests : busy;
  if (values.every((value) => value === null))
    throw new RocError('ROC_NOT_FOUND', `CloudWatch has no demand of ${name} in that time`, {
      hint: 'RequestCount needs a load balancer; CPU needs the metrics of the group (GroupInServiceInstances) switched on.',
    });
  return {
    name,
    at: values.map((_, i) => from + i * stepMs),
    value: values.map((value) => value ?? Number.NaN),
    notes: history.warnings,
    capacity: !counted ? 1 : capacity === 'auto' ? learned(requests, busy) : capacity,
  };
}

const ENOUGH_POINTS = 60;

/** Requests a minute for one busy instance, over all minutes that have both; undefined where they are too few. */
function learned(requests: readonly (number | null)[], busy: readonly (number | null)[]): number | undefined {
  let [count, work, points] = [0, 0, 0];
  requests.forEach((value, i) => {
    const used = busy[i] ?? null;
    if (value === null || used === null || used === 0) return;
    count += value;
    work += used;
    points++;
  });
  return points < ENOUGH_POINTS || count === 0 ? undefined : count / work;
}
