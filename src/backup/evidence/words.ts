/** What a report says in words, the same in HTML and Markdown. Pure. */
import { formatDuration } from '../../kernel/time.js';
import type { Evidence, EvidenceReport } from './model.js';

export interface Fact {
  readonly name: string;
  readonly value: string;
}

export const VERDICT_WORDS = {
  pass: 'Restorable',
  fail: 'Not restorable as required',
  inconclusive: 'Not proved',
} as const satisfies Record<EvidenceReport['verdict'], string>;

const RPO_FROM = {
  gap: 'the gap between points',
  'restorable-time': 'the latest restorable time',
  heartbeat: 'the heartbeat in the data',
} as const;

export function verdictSentence({ verdict, checks, asset }: EvidenceReport): string {
  const of = (wanted: string) => checks.filter((check) => check.verdict === wanted).length;
  const counts = `${of('pass')} of ${checks.length} checks passed`;
  const bad = [
    of('fail') > 0 ? `${of('fail')} failed` : '',
    of('inconclusive') > 0 ? `${of('inconclusive')} could not be decided` : '',
  ].filter((part) => part !== '');
  const what =
    asset.type === 'rds-mysql'
      ? 'The restored copy'
      : asset.type === 's3'
        ? 'The bucket'
        : 'The configuration';
  const said = {
    pass: 'is what the policy asks for',
    fail: 'is not what the policy asks for',
    inconclusive: 'was not proved to be what the policy asks for',
  };
  return `${what} ${said[verdict]}: ${[counts, ...bad].join(', ')}.`;
}

/** The limits of what the figures mean, said beside them. */
export function rtoCaveat({ instance }: EvidenceReport): string {
  return instance?.multiAz
    ? 'Times of a Multi-AZ copy, from the request to restore; applications were not cut over to it.'
    : 'Times of a Single-AZ copy, from the request to restore, without Multi-AZ and without cutting applications over.';
}

export function rpoText({ rpo }: EvidenceReport): string {
  if (rpo === null) return 'not applicable';
  if (rpo.measured === null || rpo.from === null) return 'could not be measured';
  return `${formatDuration(rpo.measured)}, by ${RPO_FROM[rpo.from]}, the worst of what was measured`;
}

export function timeText(ms: number | null): string {
  return ms === null ? 'not reached' : formatDuration(ms);
}

/** Percent of the rows that were read and compared; null where nothing was counted. */
export function coveragePercent({ coverage }: EvidenceReport): number | null {
  if (coverage === null || coverage.rows === 0) return null;
  return Math.floor((coverage.rowsChecked / coverage.rows) * 1000) / 10;
}

export function coverageText(report: EvidenceReport): string {
  const { coverage } = report;
  if (coverage === null) return 'nothing was counted';
  const percent = coveragePercent(report);
  const read = `${number(coverage.rowsChecked)} of ${number(coverage.rows)} rows${percent === null ? '' : ` (${percent} %)`}`;
  // The weakest of all: a table that changes, or has no manifest, takes it to nothing.
  if (coverage.detection === 0) return `${read}; in tables that change, damage would not be seen`;
  const found = Math.floor(coverage.detection * 1000) / 10;
  return `${read}; damage of 1 % of the chunks would have been found with a probability of ${found} %`;
}

export function cleanupText({ cleanup }: EvidenceReport): string {
  const words = {
    done: `removed${cleanup.goneAt === null ? '' : `, gone at ${cleanup.goneAt}`}`,
    kept: 'kept on purpose',
    failed: `not removed: ${cleanup.leftovers.join(', ') || 'unknown leftovers'}`,
    'nothing-to-do': 'nothing had been made',
  };
  return words[cleanup.verdict];
}

/** Who, what, from which point, under which policy. */
export function facts({ report, chain }: Evidence): Fact[] {
  const { policy, point, manifest, instance, operator, asset, tool } = report;
  const approved =
    policy.approvedBy === null
      ? 'no approver is named'
      : `approved by ${policy.approvedBy}${policy.approvedOn === null ? '' : ` on ${policy.approvedOn}`}`;
  return [
    { name: 'Asset', value: `${asset.id} (${asset.type}), ${asset.source}, ${asset.region}` },
    ...(point === null
      ? []
      : [
          {
            name: 'Restore point',
            value: `${point.id} (${point.kind}), data of ${iso(point.at)}${point.sizeGb === null ? '' : `, ${point.sizeGb} GB`}`,
          },
        ]),
    ...(point?.kmsKeyId ? [{ name: 'Encrypted with', value: point.kmsKeyId }] : []),
    {
      name: 'Manifest',
      value:
        manifest === null
          ? 'none: content could not be compared'
          : `${manifest.id}, ${manifest.mode}, taken ${iso(manifest.takenAt)}, SHA-256 ${manifest.sha256}`,
    },
    ...(instance === null
      ? []
      : [
          {
            name: 'Restored as',
            value: `${instance.id}, ${instance.class}, ${instance.multiAz ? 'Multi-AZ' : 'Single-AZ'}`,
          },
        ]),
    { name: 'Policy', value: `${policy.id}, ${approved}, SHA-256 ${policy.sha256}` },
    { name: 'Operator', value: operator.arn ?? 'not known' },
    { name: 'Run', value: `${report.run}, ${report.startedAt} to ${report.finishedAt}` },
    { name: 'Cleanup', value: cleanupText(report) },
    ...(report.costUsd === null
      ? []
      : [{ name: 'Cost, estimated', value: `${report.costUsd.toFixed(2)} USD` }]),
    ...(report.seed === null
      ? []
      : [{ name: 'Seed of the sample', value: `${report.seed}, drawn after the restore` }]),
    { name: 'Tool', value: `${tool.name} ${tool.version}` },
    {
      name: 'Chain',
      value:
        chain.previous === null
          ? `report ${chain.number}, the first`
          : `report ${chain.number}, after the one of SHA-256 ${chain.previous}`,
    },
  ];
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
