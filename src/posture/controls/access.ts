/** Controls of the way in: Systems Manager alone, no SSH, nothing on the internet. */
import { type Control, control, each, once } from '../control.js';
import { isOpen, reaches } from './rules.js';

const REMOTE_PORTS = [22, 3389];

export const ACCESS_CONTROLS: readonly Control[] = [
  control(
    {
      id: 'access.no-ssh',
      title: 'no security group lets SSH or RDP in',
      severity: 'critical',
      references: [
        'ISO 27001:2022 A.8.20',
        'CIS AWS 3.0.0 5.2',
        'CIS AWS 3.0.0 5.3',
        'NIST 800-53 AC-17',
        'NIST 800-53 SC-7',
      ],
      fix: 'Remove the rules for ports 22 and 3389; `roc bastion connect` needs neither.',
    },
    ['securityGroups'],
    ({ securityGroups }) =>
      each(
        securityGroups,
        ({ id }) => id,
        ({ ingress }) =>
          !ingress.some((rule) => REMOTE_PORTS.some((port) => reaches(rule, port)) && rule.cidrs.length > 0),
        ({ name, ingress }) => {
          const open = ingress.filter(
            (rule) => rule.cidrs.length > 0 && REMOTE_PORTS.some((port) => reaches(rule, port)),
          );
          return open.length === 0
            ? `${name} has no such rule`
            : `${name} lets in ${open.flatMap((rule) => rule.cidrs).join(', ')}`;
        },
      ),
  ),
  control(
    {
      id: 'access.managed',
      title: 'every running instance answers to Systems Manager',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.2', 'NIST 800-53 AC-17'],
      fix: 'Give the instance a role with AmazonSSMManagedInstanceCore and a way to Systems Manager; `roc bastion doctor` says what lacks.',
    },
    ['instances', 'managed'],
    ({ instances, managed }) =>
      each(
        instances,
        ({ id }) => id,
        ({ id }) => managed.includes(id),
        ({ id }) => (managed.includes(id) ? 'its agent is online' : 'Systems Manager does not hear of it'),
      ),
  ),
  control(
    {
      id: 'access.no-public-address',
      title: 'no instance has a public address',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.22', 'NIST 800-53 SC-7'],
      fix: 'Launch it in a private subnet without a public address.',
    },
    ['instances'],
    ({ instances }) =>
      each(
        instances,
        ({ id }) => id,
        ({ publicAddress }) => publicAddress === null,
        ({ publicAddress }) => publicAddress ?? 'has none',
      ),
  ),
  control(
    {
      id: 'access.no-key-pair',
      title: 'no instance was launched with an SSH key',
      severity: 'medium',
      references: ['ISO 27001:2022 A.5.17', 'NIST 800-53 IA-5'],
      fix: 'Launch it anew without a key pair.',
    },
    ['instances'],
    ({ instances }) =>
      each(
        instances,
        ({ id }) => id,
        ({ keyName }) => keyName === null,
        ({ keyName }) => (keyName === null ? 'has none' : `has the key pair ${keyName}`),
      ),
  ),
  control(
    {
      id: 'access.sessions-recorded',
      title: 'sessions are recorded',
      severity: 'medium',
      references: ['ISO 27001:2022 A.8.15', 'NIST 800-53 AU-12'],
      fix: 'Set a log group or bucket in the preferences of Session Manager (document SSM-SessionManagerRunShell).',
    },
    ['sessions'],
    ({ sessions: { logGroup, bucket } }) =>
      once(
        logGroup !== null || bucket !== null,
        logGroup !== null || bucket !== null
          ? `to ${[logGroup, bucket].filter(Boolean).join(' and ')}`
          : 'the preferences of Session Manager name neither a log group nor a bucket',
      ),
  ),
  control(
    {
      id: 'access.imdsv2',
      title: 'the metadata service of instances asks for a token',
      severity: 'high',
      references: ['ISO 27001:2022 A.8.9', 'CIS AWS 3.0.0 5.6'],
      fix: 'Set HttpTokens to required (aws ec2 modify-instance-metadata-options) and in the launch template.',
    },
    ['instances'],
    ({ instances }) =>
      each(
        instances,
        ({ id }) => id,
        ({ tokens }) => tokens === 'required',
        ({ tokens }) => `tokens are ${tokens}`,
      ),
  ),
  control(
    {
      id: 'access.root-mfa',
      title: 'the root user has a second factor',
      severity: 'critical',
      references: ['ISO 27001:2022 A.8.5', 'CIS AWS 3.0.0 1.5', 'NIST 800-53 IA-2'],
      fix: 'Sign in as root and register an MFA device.',
    },
    ['root'],
    ({ root }) => once(root.hasMfa, root.hasMfa ? 'it has' : 'it has none'),
  ),
  control(
    {
      id: 'access.root-no-keys',
      title: 'the root user has no access keys',
      severity: 'critical',
      references: ['ISO 27001:2022 A.8.2', 'CIS AWS 3.0.0 1.4'],
      fix: 'Delete the access keys of the root user.',
    },
    ['root'],
    ({ root }) => once(!root.hasKeys, root.hasKeys ? 'it has access keys' : 'it has none'),
  ),
  control(
    {
      id: 'network.no-open-ingress',
      title: 'only a load balancer is open to the internet, on 443 and 80',
      severity: 'critical',
      references: ['ISO 27001:2022 A.8.20', 'ISO 27001:2022 A.8.22', 'NIST 800-53 SC-7'],
      fix: 'Narrow the rule to the addresses or the security group that need it; `public: false` in the policy forbids it for balancers too.',
    },
    ['securityGroups', 'balancers'],
    ({ securityGroups, balancers }, { policy }) => {
      const front = new Set(policy.public ? balancers.flatMap((one) => one.securityGroups) : []);
      return each(
        securityGroups,
        ({ id }) => id,
        ({ id, ingress }) => ingress.filter(isOpen).every((rule) => front.has(id) && isWeb(rule)),
        ({ name, id, ingress }) => {
          const open = ingress
            .filter(isOpen)
            .map(({ protocol, from, to }) =>
              protocol === '-1' ? 'everything' : `${from}${to === from ? '' : `-${to}`}/${protocol}`,
            );
          if (open.length === 0) return `${name} is not open`;
          return `${name} opens ${open.join(', ')}${front.has(id) ? ' for a balancer' : ''}`;
        },
      );
    },
  ),
];

function isWeb({
  protocol,
  from,
  to,
}: {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}): boolean {
  return protocol === 'tcp' && from === to && (from === 443 || from === 80);
}
