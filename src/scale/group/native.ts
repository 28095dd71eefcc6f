/** AWS's own scaling beneath roc's: target tracking at the SLO that only adds, so that nothing worse happens without roc. */
import { isoTime, SECOND } from '../../kernel/time.js';
import { noted } from '../act.js';
import type { ControllerParts } from '../controller-parts.js';
import type { ScalePolicy } from '../policy/policy.js';
import type { Contenders, Group, Written } from './facts.js';

export interface NativeWrites {
  putFloor(floor: { readonly policy: string; readonly cpuPercent: number }): Promise<Written>;
  setWarmup(seconds: number): Promise<Written>;
  enableMetrics(): Promise<Written>;
}

export interface NativeStep {
  readonly id: 'floor' | 'warmup' | 'metrics';
  readonly what: string;
  /** The same by hand. */
  readonly command: string;
}

/** The name of the policy that roc installs. */
const FLOOR = 'roc-floor';
const DEFAULT_BOOT = 180 * SECOND;

/** What is missing of the floor; empty where all is there. Pure. */
export function nativeSteps(
  group: Group,
  contenders: Contenders,
  policy: ScalePolicy,
  bootMs: number | null,
): NativeStep[] {
  const name = group.name;
  const percent = floorPercent(policy);
  const seconds = warmupSeconds(policy, bootMs);
  const hasFloor = contenders.policies.some(
    ({ type, isEnabled, isOutOnly, metric }) =>
      type === 'TargetTrackingScaling' && isEnabled && isOutOnly && metric === 'ASGAverageCPUUtilization',
  );
  const steps: (NativeStep | false)[] = [
    !hasFloor && {
      id: 'floor',
      what: `target tracking at ${percent} % CPU that only adds instances`,
      command: `aws autoscaling put-scaling-policy --auto-scaling-group-name ${name} --policy-name ${FLOOR} --policy-type TargetTrackingScaling --target-tracking-configuration '${JSON.stringify(
        {
          PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
          TargetValue: percent,
          DisableScaleIn: true,
        },
      )}'`,
    },
    group.warmupSeconds === null && {
      id: 'warmup',
      what: `an instance counts ${seconds} s after its launch (DefaultInstanceWarmup)`,
      command: `aws autoscaling update-auto-scaling-group --auto-scaling-group-name ${name} --default-instance-warmup ${seconds}`,
    },
    group.metrics.length === 0 && {
      id: 'metrics',
      what: 'the metrics of the group, each minute, free',
      command: `aws autoscaling enable-metrics-collection --auto-scaling-group-name ${name} --granularity 1Minute`,
    },
  ];
  return steps.filter((step) => step !== false);
}

/** Installs what is missing, a line of the record for all of it. */
export async function installNative(
  parts: ControllerParts,
  writes: NativeWrites,
  group: Group,
  steps: readonly NativeStep[],
  bootMs: number | null,
): Promise<readonly Written[]> {
  const requests: Written[] = [];
  const entry = {
    ...{ at: isoTime(parts.now()), group: group.name, action: 'native' as const, instanceId: null },
    ...{ before: group.desired, after: group.desired, reasons: steps.map(({ what }) => what) },
    ...{ inputsHash: '', policyHash: parts.loaded.sha256, lease: null, error: null },
  };
  await noted(parts, { ...entry, outcome: 'begins', requests }, true);
  for (const { id } of steps) {
    if (id === 'floor')
      requests.push(await writes.putFloor({ policy: FLOOR, cpuPercent: floorPercent(parts.policy) }));
    if (id === 'warmup') requests.push(await writes.setWarmup(warmupSeconds(parts.policy, bootMs)));
    if (id === 'metrics') requests.push(await writes.enableMetrics());
  }
  await noted(parts, { ...entry, at: isoTime(parts.now()), outcome: 'done', requests }, true);
  return requests;
}

function floorPercent({ signal }: ScalePolicy): number {
  return Math.round(signal.sloUtil * 100);
}

function warmupSeconds({ timing }: ScalePolicy, bootMs: number | null): number {
  return Math.round((timing.boot === 'auto' ? (bootMs ?? DEFAULT_BOOT) : timing.boot) / SECOND);
}
