/** OCSF 1.6 findings, one a line: vulnerability 2002, compliance 2003, detection 2004, application security 2006. */
import type { Finding } from '../model.js';
import type { OpenSink } from './sink.js';

interface OcsfClass {
  readonly uid: number;
  readonly name: string;
}

const CLASSES: Readonly<Record<Finding['lane'], OcsfClass>> = {
  vuln: { uid: 2002, name: 'Vulnerability Finding' },
  config: { uid: 2003, name: 'Compliance Finding' },
  threat: { uid: 2004, name: 'Detection Finding' },
  code: { uid: 2006, name: 'Application Security Posture Finding' },
  secret: { uid: 2006, name: 'Application Security Posture Finding' },
  pentest: { uid: 2006, name: 'Application Security Posture Finding' },
};

const SEVERITY_IDS: Readonly<Record<Finding['severity'], readonly [number, string]>> = {
  unknown: [0, 'Unknown'],
  info: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
  critical: [5, 'Critical'],
};

export const openOcsf: OpenSink = (head, writer) => ({
  finding(_json, parsed) {
    writer.write(`${JSON.stringify(toOcsf(parsed(), head.generatedAt))}\n`);
  },
  end() {},
});

function toOcsf(finding: Finding, now: string): object {
  const { uid, name } = CLASSES[finding.lane];
  const activity = finding.state === 'new' ? 1 : finding.state === 'fixed' ? 3 : 2;
  const [severityId, severity] = SEVERITY_IDS[finding.severity];
  const status = STATUS[finding.state];
  return {
    class_uid: uid,
    class_name: name,
    category_uid: 2,
    category_name: 'Findings',
    activity_id: activity,
    activity_name: ['', 'Create', 'Update', 'Close'][activity],
    type_uid: uid * 100 + activity,
    severity_id: severityId,
    severity,
    status_id: status[0],
    status: status[1],
    time: Date.parse(now),
    metadata: { version: '1.6.0', product: { name: 'roc', vendor_name: 'roc' }, uid: `roc/${finding.key}` },
    finding_info: {
      uid: finding.ids.arn ?? `roc/${finding.key}`,
      title: finding.title,
      desc: finding.decision.reasons.join('; '),
      types: [finding.ids.kind ?? finding.ids.control ?? finding.lane],
      ...(finding.firstSeen === null ? {} : { first_seen_time: Date.parse(finding.firstSeen) }),
      ...(finding.lastSeen === null ? {} : { last_seen_time: Date.parse(finding.lastSeen) }),
    },
    resources: [
      {
        uid: finding.resource.id,
        type: finding.resource.type,
        ...optional('region', finding.resource.region),
      },
    ],
    ...(finding.resource.account === null
      ? {}
      : {
          cloud: {
            provider: 'AWS',
            account: { uid: finding.resource.account },
            ...optional('region', finding.resource.region),
          },
        }),
    remediation: { desc: finding.remedy },
    ...(finding.lane === 'vuln' ? { vulnerabilities: [vulnerability(finding)] } : {}),
    ...(finding.lane === 'config'
      ? {
          compliance: {
            control: finding.ids.control ?? finding.ids.kind ?? 'unknown',
            status: 'Fail',
            status_id: 3,
          },
        }
      : {}),
    unmapped: {
      action: finding.decision.action,
      dueAt: finding.decision.dueAt,
      score: finding.score,
      key: finding.key,
    },
  };
}

const STATUS: Readonly<Record<Finding['state'], readonly [number, string]>> = {
  new: [1, 'New'],
  regressed: [1, 'New'],
  expired: [1, 'New'],
  open: [2, 'In Progress'],
  suppressed: [3, 'Suppressed'],
  fixed: [4, 'Resolved'],
};

function vulnerability(finding: Finding): object {
  const { package: pkg, ids } = finding;
  return {
    ...(ids.cve === null
      ? { advisory: { uid: ids.advisory ?? finding.key } }
      : {
          cve: { uid: ids.cve, ...(finding.epss === null ? {} : { epss: { score: String(finding.epss) } }) },
        }),
    severity: SEVERITY_IDS[finding.severity][1],
    ...(finding.fix === 'unknown' ? {} : { is_fix_available: finding.fix !== 'no' }),
    ...(pkg === null
      ? {}
      : {
          affected_packages: [
            {
              name: pkg.name,
              version: pkg.version ?? 'unknown',
              ...optional('fixed_in_version', pkg.fixedIn),
              ...optional('path', pkg.path ?? null),
              ...optional('purl', pkg.purl ?? null),
            },
          ],
        }),
  };
}

function optional(name: string, value: string | null): object {
  return value === null ? {} : { [name]: value };
}
