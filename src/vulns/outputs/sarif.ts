/** SARIF 2.1.0 (OASIS), with what GitHub code scanning reads: fingerprints, security-severity, at most 25,000 results. */
import type { Finding } from '../model.js';
import type { OpenSink } from './sink.js';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
/** GitHub takes no more in one run; the most urgent come first. */
const MOST_RESULTS = 25_000;

const LEVELS: Readonly<Record<Finding['severity'], string>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
  unknown: 'warning',
};
/** The middle of each band of GitHub's security-severity, where the finding has no number of its own. */
const SECURITY_SEVERITY: Readonly<Record<Finding['severity'], string>> = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
  info: '0.0',
  unknown: '5.5',
};

export const openSarif: OpenSink = (head, writer) => {
  const rules = new Map<string, object>();
  let results = 0;
  let left = 0;
  writer.write(`{"$schema":"${SCHEMA}","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[`);
  return {
    finding(_json, parsed) {
      const finding = parsed();
      if (finding.state === 'fixed') return;
      if (results === MOST_RESULTS) {
        left++;
        return;
      }
      const ruleId = ruleOf(finding);
      if (!rules.has(ruleId)) rules.set(ruleId, rule(ruleId, finding));
      writer.write(`${results === 0 ? '\n' : ',\n'}${JSON.stringify(resultOf(finding, ruleId))}`);
      results++;
    },
    end() {
      const driver = {
        name: 'roc',
        informationUri: 'https://www.npmjs.com/package/roc',
        semanticVersion: '0.1.0',
        rules: [...rules.values()],
      };
      const invocation = {
        executionSuccessful: true,
        endTimeUtc: head.generatedAt,
        ...(left === 0
          ? {}
          : {
              toolExecutionNotifications: [
                { level: 'note', message: { text: `${left} less urgent findings were left out` } },
              ],
            }),
      };
      writer.write(
        `\n],"invocations":[${JSON.stringify(invocation)}],"tool":${JSON.stringify({ driver })}}]}\n`,
      );
    },
  };
};

function ruleOf({ ids, lane, title }: Finding): string {
  return ids.cve ?? ids.advisory ?? ids.control ?? ids.kind ?? `${lane}: ${title.slice(0, 100)}`;
}

function rule(id: string, finding: Finding): object {
  return {
    id,
    shortDescription: { text: finding.title },
    help: { text: finding.remedy },
    properties: {
      'security-severity': SECURITY_SEVERITY[finding.severity],
      tags: ['security', finding.lane],
    },
  };
}

function resultOf(finding: Finding, ruleId: string): object {
  const { resource, package: pkg, decision } = finding;
  const where = resource.repo ?? resource.id;
  const due = decision.dueAt === null ? 'no date' : `due ${decision.dueAt.slice(0, 10)}`;
  return {
    ruleId,
    level: LEVELS[finding.severity],
    message: { text: plain(`${finding.title}: ${finding.remedy} (${decision.action}, ${due}) on ${where}`) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(pkg?.path ?? where) } },
        logicalLocations: [{ fullyQualifiedName: resource.id, kind: 'resource' }],
      },
    ],
    partialFingerprints: { 'rocKey/v1': finding.key },
    ...(finding.state === 'suppressed'
      ? {
          suppressions: [
            {
              kind: 'external',
              status: 'accepted',
              justification: finding.suppression?.reason ?? 'suppressed',
            },
          ],
        }
      : {}),
    ...(finding.state === 'new' ? { baselineState: 'new' } : {}),
    properties: {
      score: finding.score,
      state: finding.state,
      action: decision.action,
      dueAt: decision.dueAt,
      reasons: decision.reasons,
    },
  };
}

// SARIF §3.11.6: [text](target) in a message is a link, and a title may come from anybody.
function plain(text: string): string {
  return text.replace(/[\\[\]]/g, (c) => `\\${c}`);
}

/** A relative reference that no reader takes for a scheme or a host. */
function uriOf(text: string): string {
  return encodeURI(text.replace(/\\/g, '/'))
    .replace(/[?#]/g, encodeURIComponent)
    .replace(/:/g, '%3A')
    .replace(/^\/+/, '');
}
