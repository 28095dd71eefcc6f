/** Controls of what is stored beside databases: disks, buckets, keys, secrets. */
import { DAY, isoTime } from '../../kernel/time.js';
import { type Control, control, each } from '../control.js';
import type { BucketFacts } from '../facts.js';

export const DATA_CONTROLS: readonly Control[] = [
  control(
    {
      id: 'data.disks-encrypted',
      title: 'disks are encrypted',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.24', 'NIST 800-53 SC-28'],
      fix: 'Switch encryption by default on for EBS, and replace the volume by an encrypted copy.',
    },
    ['volumes'],
    ({ volumes }) =>
      each(
        volumes,
        ({ id }) => id,
        ({ isEncrypted }) => isEncrypted,
        ({ isEncrypted }) => (isEncrypted ? 'encrypted' : 'not encrypted'),
      ),
  ),
  bucket(
    'private',
    'critical',
    'buckets are closed to the public',
    ['ISO 27001:2022 A.8.3', 'CIS AWS 3.0.0 2.1.4'],
    'Switch all four settings of Block Public Access on.',
    ({ isPrivate }) => isPrivate,
    'closed',
    'may be opened to the public',
  ),
  bucket(
    'encrypted',
    'high',
    'buckets are encrypted',
    ['ISO 27001:2022 A.8.24', 'NIST 800-53 SC-28'],
    'Set a default encryption.',
    ({ isEncrypted }) => isEncrypted,
    'encrypted',
    'no default encryption',
  ),
  bucket(
    'versioned',
    'medium',
    'buckets keep earlier versions',
    ['ISO 27001:2022 A.8.13'],
    'Switch versioning on.',
    ({ isVersioned }) => isVersioned,
    'versioned',
    'an overwritten object is lost',
  ),
  bucket(
    'tls',
    'medium',
    'buckets refuse plain HTTP',
    ['ISO 27001:2022 A.8.24', 'CIS AWS 3.0.0 2.1.1'],
    'Deny aws:SecureTransport = false in the bucket policy.',
    ({ refusesPlainHttp }) => refusesPlainHttp,
    'refused',
    'taken',
  ),
  control(
    {
      id: 'data.keys-rotate',
      title: 'keys rotate every year',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.24', 'CIS AWS 3.0.0 3.6', 'NIST 800-53 SC-12'],
      fix: 'Switch automatic rotation of the key on.',
    },
    ['keys'],
    ({ keys }) =>
      each(
        keys,
        ({ id }) => id,
        ({ rotates }) => rotates,
        ({ rotates }) => (rotates ? 'rotates' : 'does not rotate'),
      ),
  ),
  control(
    {
      id: 'data.secrets-rotate',
      title: 'secrets are changed regularly',
      severity: 'medium',
      references: ['ISO 27001:2022 A.5.17', 'NIST 800-53 IA-5'],
      fix: 'Switch rotation on for the secret; roc reads the new one without a restart.',
    },
    ['secrets'],
    ({ secrets }, { policy, now }) =>
      each(
        secrets,
        ({ name }) => name,
        ({ rotates, lastChangedAt }) =>
          rotates && lastChangedAt !== null && now - lastChangedAt <= policy.secretDays * DAY,
        ({ rotates, lastChangedAt }) =>
          `${rotates ? 'rotates' : 'does not rotate'}, ${lastChangedAt === null ? 'never changed' : `changed at ${isoTime(lastChangedAt)}`}`,
      ),
  ),
];

function bucket(
  what: string,
  severity: Control['severity'],
  title: string,
  references: readonly string[],
  fix: string,
  isHeld: (bucket: BucketFacts) => boolean,
  yes: string,
  no: string,
): Control {
  const text = { id: `bucket.${what}`, title, severity, references, fix };
  return control(text, ['buckets'], ({ buckets }) =>
    each(
      buckets,
      ({ name }) => name,
      isHeld,
      (one) => (isHeld(one) ? yes : no),
    ),
  );
}
