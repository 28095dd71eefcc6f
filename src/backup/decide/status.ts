/** What every status of an RDS instance means for a restore that is waited for (RDS user guide, "DB instance status"). */

/** `wait`: goes on by itself; `ready`: open; `dead`: never comes to be; `backup-bad`: dead, and the backup is why. */
export type StatusMeaning = 'wait' | 'ready' | 'dead' | 'backup-bad';

export const STATUSES = {
  available: 'ready',
  'storage-optimization': 'ready',
  'storage-initialization': 'ready',
  'backing-up': 'wait',
  creating: 'wait',
  modifying: 'wait',
  rebooting: 'wait',
  renaming: 'wait',
  maintenance: 'wait',
  starting: 'wait',
  upgrading: 'wait',
  restoring: 'wait',
  'configuring-enhanced-monitoring': 'wait',
  'configuring-iam-database-auth': 'wait',
  'configuring-log-exports': 'wait',
  'configuring-associated-roles': 'wait',
  'converting-to-vpc': 'wait',
  'moving-to-vpc': 'wait',
  'resetting-master-credentials': 'wait',
  'storage-config-upgrade': 'wait',
  'inaccessible-encryption-credentials': 'backup-bad',
  'inaccessible-encryption-credentials-recoverable': 'backup-bad',
  'restore-error': 'backup-bad',
  'incompatible-restore': 'backup-bad',
  'incompatible-parameters': 'dead',
  'incompatible-network': 'dead',
  'incompatible-option-group': 'dead',
  'incompatible-credentials': 'dead',
  'incompatible-create': 'dead',
  'insufficient-capacity': 'dead',
  'storage-full': 'dead',
  failed: 'backup-bad',
  stopped: 'dead',
  stopping: 'dead',
  deleting: 'dead',
  'delete-precheck': 'dead',
  deleted: 'dead',
} as const satisfies Record<string, StatusMeaning>;

/** A status that is not known is waited out: AWS adds some every year. */
export function meaningOf(status: string): StatusMeaning {
  return (STATUSES as Readonly<Record<string, StatusMeaning>>)[status] ?? 'wait';
}
