/** Which differences between the template and the live resource somebody made, and which AWS makes by itself. */

export interface DriftedResource {
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly type: string;
  readonly verdict: DriftVerdict;
  readonly differences: readonly DriftDifference[];
}

/** `managed`: all differences are AWS's own doing. `unknown`: CloudFormation cannot tell for this type. */
export type DriftVerdict = 'inSync' | 'drifted' | 'deleted' | 'managed' | 'unknown';

export interface DriftDifference {
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  readonly kind: string;
  /** Why AWS itself made it; null where somebody did. */
  readonly managedBecause: string | null;
}

interface Facts {
  readonly logicalId: string;
  readonly physicalId: string | null;
  readonly type: string;
  readonly status: string;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly differences: readonly Omit<DriftDifference, 'managedBecause'>[];
}

/** Drifted and deleted first; resources of the stack that drift detection leaves out are `unknown`. */
export function judgeDrift(
  drifts: readonly Facts[],
  resources: readonly {
    readonly logicalId: string;
    readonly physicalId: string | null;
    readonly type: string;
  }[],
): DriftedResource[] {
  const told = new Set(drifts.map(({ logicalId }) => logicalId));
  const silent = resources
    .filter(({ logicalId }) => !told.has(logicalId))
    .map(({ logicalId, physicalId, type }) => ({
      ...{ logicalId, physicalId, type },
      verdict: 'unknown' as const,
      differences: [],
    }));
  const all = [...drifts.map(judge), ...silent];
  return all.sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
}

const ORDER: readonly DriftVerdict[] = ['deleted', 'drifted', 'managed', 'unknown', 'inSync'];

function judge(facts: Facts): DriftedResource {
  const { logicalId, physicalId, type } = facts;
  const differences = facts.differences.map((difference) => ({
    ...difference,
    managedBecause: MANAGED.find((rule) => rule.holds(facts, difference))?.because ?? null,
  }));
  return { logicalId, physicalId, type, verdict: verdictOf(facts.status, differences), differences };
}

function verdictOf(status: string, differences: readonly DriftDifference[]): DriftVerdict {
  if (status === 'IN_SYNC') return 'inSync';
  if (status === 'DELETED') return 'deleted';
  if (status !== 'MODIFIED') return 'unknown';
  const isManaged =
    differences.length > 0 && differences.every(({ managedBecause }) => managedBecause !== null);
  return isManaged ? 'managed' : 'drifted';
}

interface ManagedRule {
  readonly because: string;
  readonly holds: (facts: Facts, difference: Omit<DriftDifference, 'managedBecause'>) => boolean;
}

const MANAGED: readonly ManagedRule[] = [
  {
    because: 'RDS installs minor versions by itself (AutoMinorVersionUpgrade)',
    holds: ({ type, expected }, { path, expected: before, actual }) =>
      type === 'AWS::RDS::DBInstance' &&
      path === '/EngineVersion' &&
      String(expected['AutoMinorVersionUpgrade'] ?? true) === 'true' &&
      isLaterMinor(before, actual),
  },
  {
    because: 'RDS grows the storage by itself (MaxAllocatedStorage)',
    holds: ({ type, expected }, { path, expected: before, actual }) =>
      type === 'AWS::RDS::DBInstance' &&
      path === '/AllocatedStorage' &&
      expected['MaxAllocatedStorage'] !== undefined &&
      Number(actual) > Number(before) &&
      Number(actual) <= Number(expected['MaxAllocatedStorage']),
  },
  {
    because: 'scaling sets it',
    holds: ({ type }, { path }) =>
      (type === 'AWS::AutoScaling::AutoScalingGroup' && path === '/DesiredCapacity') ||
      (type === 'AWS::ECS::Service' && path === '/DesiredCount'),
  },
];

/** `8.4.9` → `8.4.11`, or `8.4` → any `8.4.x`; never another major line, never back. */
function isLaterMinor(before: string, after: string): boolean {
  const [a, b] = [before, after].map((version) => version.split('.').map(Number));
  if (a === undefined || b === undefined || [...a, ...b].some(Number.isNaN)) return false;
  return a[0] === b[0] && a[1] === b[1] && (b[2] ?? 0) >= (a[2] ?? 0);
}
