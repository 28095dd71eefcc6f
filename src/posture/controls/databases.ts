/** Controls of databases and their backups. */
import { DAY, isoTime } from '../../kernel/time.js';
import { type Control, control, each, once } from '../control.js';
import type { DatabaseFacts } from '../facts.js';

const idOf = ({ id }: { readonly id: string }) => id;
const yesNo = (is: boolean, yes: string, no: string) => (is ? yes : no);

export const DATABASE_CONTROLS: readonly Control[] = [
  database(
    'encrypted',
    'high',
    'databases are encrypted at rest',
    ['ISO 27001:2022 A.8.24', 'CIS AWS 3.0.0 2.3.1', 'NIST 800-53 SC-28'],
    'Restore a snapshot of it encrypted (`roc backup restore`), then switch over.',
    ({ isEncrypted }) => isEncrypted,
    ({ isEncrypted }) => yesNo(isEncrypted, 'encrypted', 'not encrypted'),
  ),
  database(
    'not-public',
    'critical',
    'databases have no public address',
    ['ISO 27001:2022 A.8.22', 'CIS AWS 3.0.0 2.3.3', 'NIST 800-53 SC-7'],
    'Switch PubliclyAccessible off; `roc bastion db` reaches it without.',
    ({ isPublic }) => !isPublic,
    ({ isPublic }) => yesNo(isPublic, 'publicly accessible', 'private'),
  ),
  database(
    'multi-az',
    'high',
    'databases have a standby in another zone',
    ['ISO 27001:2022 A.8.14', 'ISO 27001:2022 A.5.30'],
    'Switch MultiAZ on; the change needs no downtime.',
    ({ isMultiAz, isReplica }) => isMultiAz || isReplica,
    ({ isMultiAz, isReplica }) => (isReplica ? 'a replica' : yesNo(isMultiAz, 'Multi-AZ', 'one zone alone')),
  ),
  database(
    'protected',
    'medium',
    'databases cannot be deleted by mistake',
    ['ISO 27001:2022 A.8.13'],
    'Switch DeletionProtection on.',
    ({ isProtected }) => isProtected,
    ({ isProtected }) => yesNo(isProtected, 'protected', 'may be deleted'),
  ),
  database(
    'minor-upgrades',
    'medium',
    'databases take security fixes of their engine',
    ['ISO 27001:2022 A.8.8', 'CIS AWS 3.0.0 2.3.2'],
    'Switch AutoMinorVersionUpgrade on.',
    ({ hasMinorUpgrades }) => hasMinorUpgrades,
    ({ hasMinorUpgrades }) => yesNo(hasMinorUpgrades, 'by themselves', 'only by hand'),
  ),
  control(
    {
      id: 'database.tls',
      title: 'databases refuse connections without TLS',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.24', 'NIST 800-53 SC-8'],
      fix: 'Set require_secure_transport (MySQL, MariaDB) or rds.force_ssl (PostgreSQL) in its parameter group.',
    },
    ['databases'],
    ({ databases }) =>
      databases.map(({ id, requiresTls }) => ({
        resource: id,
        verdict: requiresTls === null ? 'unknown' : requiresTls ? 'pass' : 'fail',
        says:
          requiresTls === null
            ? 'roc does not know how this engine is told'
            : yesNo(requiresTls, 'required', 'not required'),
      })),
  ),
  control(
    {
      id: 'database.reached-by-servers',
      title: 'databases are reached by security groups, not by addresses',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.22', 'NIST 800-53 SC-7'],
      fix: 'Let the security group of the database name those of the servers and the bastion, and no addresses.',
    },
    ['databases', 'securityGroups'],
    ({ databases, securityGroups }) =>
      databases.map(({ id, securityGroups: own }) => {
        const cidrs = securityGroups
          .filter((group) => own.includes(group.id))
          .flatMap((group) => group.ingress.flatMap((rule) => rule.cidrs));
        const isSeen = own.every((group) => securityGroups.some((one) => one.id === group));
        if (!isSeen) return { resource: id, verdict: 'unknown', says: 'its security group was not read' };
        return {
          resource: id,
          verdict: cidrs.length === 0 ? 'pass' : 'fail',
          says: cidrs.length === 0 ? 'groups alone' : `lets in ${cidrs.join(', ')}`,
        };
      }),
  ),
  control(
    {
      id: 'backup.retention',
      title: 'databases are backed up every day and kept long enough',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.13', 'NIST 800-53 CP-9'],
      fix: 'Raise BackupRetentionPeriod to the days that the policy asks for.',
    },
    ['databases'],
    ({ databases }, { policy }) =>
      each(
        databases.filter(({ isReplica }) => !isReplica),
        idOf,
        ({ backupDays }) => backupDays >= policy.backupDays,
        ({ backupDays }) => `${backupDays} days of ${policy.backupDays}`,
      ),
  ),
  control(
    {
      id: 'backup.restore-tested',
      title: 'a restore was tested lately',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.13', 'ISO 27001:2022 A.5.30', 'NIST 800-53 CP-9', 'NIST 800-53 CP-10'],
      fix: 'Run `roc backup verify`, and let the ops host run it every week; or make a restore testing plan in AWS Backup.',
    },
    ['restores'],
    ({ restores: { newestAt } }, { policy, now }) => {
      if (newestAt === null) return once(false, 'no restore is known');
      const at = isoTime(newestAt);
      // By that clock the proof would never grow old.
      if (newestAt > now + DAY)
        return once(false, `the last one is said to end at ${at}, which has not come yet`);
      return once(now - newestAt <= policy.restoreTestedDays * DAY, `the last one ended at ${at}`);
    },
  ),
];

function database(
  what: string,
  severity: Control['severity'],
  title: string,
  references: readonly string[],
  fix: string,
  isHeld: (db: DatabaseFacts) => boolean,
  says: (db: DatabaseFacts) => string,
): Control {
  const text = { id: `database.${what}`, title, severity, references, fix };
  return control(text, ['databases'], ({ databases }) => each(databases, idOf, isHeld, says));
}
