/** Controls of what keeps watch: detection, trails, scans, logs; and of standing in two zones. */
import { type Control, control, each, once } from '../control.js';

export const WATCHING_CONTROLS: readonly Control[] = [
  control(
    {
      id: 'detect.guardduty',
      title: 'GuardDuty is on',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.16', 'NIST 800-53 SI-4'],
      fix: '`roc provision account` switches it on.',
    },
    ['guardDuty'],
    ({ guardDuty: { isOn } }) => once(isOn, isOn ? 'on' : 'off'),
  ),
  control(
    {
      id: 'detect.securityhub',
      title: 'Security Hub is on',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.16', 'CIS AWS 3.0.0 4.16'],
      fix: '`roc provision account` switches it on.',
    },
    ['securityHub'],
    ({ securityHub: { isOn } }) => once(isOn, isOn ? 'on' : 'off'),
  ),
  control(
    {
      id: 'detect.inspector',
      title: 'Inspector scans instances and images',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.8', 'NIST 800-53 RA-5'],
      fix: '`roc provision account` switches it on.',
    },
    ['inspector'],
    ({ inspector: { off } }) =>
      once(off.length === 0, off.length === 0 ? 'EC2 and ECR' : `off: ${off.join(', ')}`),
  ),
  control(
    {
      id: 'detect.cloudtrail',
      title: 'a trail records what is done in every region',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.15', 'CIS AWS 3.0.0 3.1', 'NIST 800-53 AU-12'],
      fix: '`roc provision account` makes one.',
    },
    ['trails'],
    ({ trails }) => {
      const good = trails.filter(({ isLogging, isMultiRegion }) => isLogging && isMultiRegion);
      const all = trails.map(
        ({ name, isLogging, isMultiRegion }) =>
          `${name} (${isLogging ? 'logging' : 'stopped'}, ${isMultiRegion ? 'every region' : 'one region'})`,
      );
      return once(good.length > 0, all.join(', ') || 'no trail');
    },
  ),
  control(
    {
      id: 'detect.cloudtrail-validated',
      title: 'the files of a trail can be proved',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.15', 'CIS AWS 3.0.0 3.2', 'NIST 800-53 AU-9'],
      fix: 'Switch log file validation of the trail on.',
    },
    ['trails'],
    ({ trails }) =>
      each(
        trails.filter(({ isLogging }) => isLogging),
        ({ name }) => name,
        ({ isValidated }) => isValidated,
        ({ isValidated }) => (isValidated ? 'validated' : 'not validated'),
      ),
  ),
  control(
    {
      id: 'detect.config',
      title: 'AWS Config records how resources change',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.9', 'CIS AWS 3.0.0 3.3', 'NIST 800-53 CM-8'],
      fix: '`roc provision account` makes a recorder.',
    },
    ['recorders'],
    ({ recorders }) =>
      once(
        recorders.some(({ isRecording, isAll }) => isRecording && isAll),
        recorders
          .map(
            ({ name, isRecording, isAll }) =>
              `${name} (${isRecording ? 'recording' : 'stopped'}, ${isAll ? 'all types' : 'some types'})`,
          )
          .join(', ') || 'no recorder',
      ),
  ),
  control(
    {
      id: 'registry.scanned',
      title: 'images are scanned when they are pushed',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.8', 'NIST 800-53 RA-5'],
      fix: 'Switch scanning of the registry on for every repository (`roc provision account` does), then read `roc vulns report --live ecr`.',
    },
    ['repositories', 'registry'],
    ({ repositories, registry }) => {
      const scans = (name: string) =>
        registry.rules.some(
          ({ frequency, filters }) =>
            frequency !== 'MANUAL' && filters.some((filter) => matches(filter, name)),
        );
      return each(
        repositories,
        ({ name }) => name,
        ({ name, scansOnPush }) => scansOnPush || scans(name),
        ({ name, scansOnPush }) =>
          scans(name) ? 'by the registry' : scansOnPush ? 'on push' : 'not scanned',
      );
    },
  ),
  control(
    {
      id: 'registry.immutable',
      title: 'a tag of an image never changes what it means',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.32'],
      fix: 'Set the tag mutability of the repository to IMMUTABLE.',
    },
    ['repositories'],
    ({ repositories }) =>
      each(
        repositories,
        ({ name }) => name,
        ({ isImmutable }) => isImmutable,
        ({ isImmutable }) => (isImmutable ? 'immutable' : 'may be overwritten'),
      ),
  ),
  control(
    {
      id: 'logs.retention',
      title: 'logs are kept long enough, and not for ever',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.15', 'ISO 27001:2022 A.8.10', 'NIST 800-53 AU-11'],
      fix: 'Set the retention of the log group to the days that the policy asks for.',
    },
    ['logGroups'],
    ({ logGroups }, { policy }) =>
      each(
        logGroups,
        ({ name }) => name,
        ({ days }) => days !== null && days >= policy.logDays,
        ({ days }) => (days === null ? 'kept for ever' : `${days} days of ${policy.logDays}`),
      ),
  ),
  control(
    {
      id: 'logs.encrypted',
      title: 'logs are encrypted with a key of your own',
      severity: 'low',
      references: ['ISO 27001:2022 A.8.24'],
      fix: 'Associate a KMS key with the log group.',
    },
    ['logGroups'],
    ({ logGroups }) =>
      each(
        logGroups,
        ({ name }) => name,
        ({ isEncrypted }) => isEncrypted,
        ({ isEncrypted }) => (isEncrypted ? 'own key' : "AWS's key"),
      ),
  ),
  control(
    {
      id: 'compute.zones',
      title: 'servers stand in more than one zone',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.14', 'ISO 27001:2022 A.5.30'],
      fix: 'Give the group subnets in as many zones as the policy asks for, and a minimum of as many instances.',
    },
    ['instances'],
    ({ instances }, { policy }) => {
      if (instances.length === 0) return [];
      const zones = [...new Set(instances.map(({ zone }) => zone))].sort();
      return once(zones.length >= policy.zones, `${zones.length} of ${policy.zones}: ${zones.join(', ')}`);
    },
  ),
];

/** `*` stands for any text, as in the filters of ECR. */
function matches(filter: string, name: string): boolean {
  const parts = filter.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return parts.length === 1 ? name === filter : new RegExp(`^${parts.join('.*')}$`).test(name);
}
