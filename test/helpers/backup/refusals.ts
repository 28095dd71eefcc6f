/** What AWS's RDS refuses and moto lets through. */

/** What the refusals must know of the account. */
export interface RefusalFacts {
  statusOf(id: string): string | null;
  /** The XML of a snapshot, null where there is none. */
  snapshot(id: string): Promise<string | null>;
  groupsExist(ids: readonly string[]): Promise<boolean>;
  isKeyEnabled(id: string): Promise<boolean>;
}

export type Refusal = readonly [code: string, message: string] | null;

/** Milliseconds back that point-in-time restores reach. */
export const WINDOW = 7 * 86_400_000;

export async function refusalOf(
  action: string,
  form: URLSearchParams,
  facts: RefusalFacts,
): Promise<Refusal> {
  return (await BY_ACTION[action]?.(form, facts)) ?? null;
}

const BY_ACTION: Readonly<
  Record<string, (form: URLSearchParams, facts: RefusalFacts) => Refusal | Promise<Refusal>>
> = {
  DeleteDBInstance: (form, facts) => {
    const isFinal = form.get('SkipFinalSnapshot') === 'true' || form.has('FinalDBSnapshotIdentifier');
    if (!isFinal) return ['InvalidParameterCombination', 'FinalDBSnapshotIdentifier is required'];
    return busy(form, facts, ['creating', 'backing-up']);
  },
  ModifyDBInstance: (form, facts) =>
    form.has('MasterUserPassword')
      ? busy(form, facts, ['creating', 'modifying', 'backing-up', 'deleting'])
      : null,
  RestoreDBInstanceToPointInTime: async (form, facts) => {
    const at = Date.parse(form.get('RestoreTime') ?? '');
    if (!(at <= Date.now() && at >= Date.now() - WINDOW))
      return ['InvalidRestoreFault', 'The specified time is not within the restorable range'];
    return unknownGroup(form, facts);
  },
  RestoreDBInstanceFromDBSnapshot: async (form, facts) => {
    const id = form.get('DBSnapshotIdentifier') ?? '';
    const snapshot = await facts.snapshot(id);
    if (snapshot === null) return ['DBSnapshotNotFound', `DBSnapshot ${id} not found`];
    const key = /<KmsKeyId>([^<]+)</.exec(snapshot)?.[1];
    if (key !== undefined && !(await facts.isKeyEnabled(key)))
      return ['KMSKeyNotAccessibleFault', `The key ${key} is not accessible`];
    return unknownGroup(form, facts);
  },
};

function busy(form: URLSearchParams, facts: RefusalFacts, states: readonly string[]): Refusal {
  const id = form.get('DBInstanceIdentifier') ?? '';
  const status = facts.statusOf(id);
  if (status === null || !states.includes(status)) return null;
  return ['InvalidDBInstanceState', `Instance ${id} is not in available state: ${status}`];
}

async function unknownGroup(form: URLSearchParams, facts: RefusalFacts): Promise<Refusal> {
  const groups = [...form].filter(([key]) => key.startsWith('VpcSecurityGroupIds')).map(([, value]) => value);
  if (await facts.groupsExist(groups)) return null;
  return ['InvalidParameterValue', `Invalid security group, groupId= ${groups.join()}`];
}
