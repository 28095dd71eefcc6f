/** VEX out: what is suppressed as not affected or fixed, what is open as affected; OpenVEX and CycloneDX. */
import { hash } from 'node:crypto';
import type { Finding } from '../model.js';
import { JUSTIFICATION_LABELS, STATUS_TO_CYCLONEDX, TO_CYCLONEDX } from '../vex/justifications.js';
import { type Justification, ROC_AUTHOR, type VexStatus, withUntil } from '../vex/statement.js';
import type { OpenSink } from './sink.js';

/** What roc says of one vulnerability in one image or package. */
interface Said {
  readonly vulnerability: string;
  readonly product: string;
  readonly part: string | null;
  readonly status: VexStatus;
  readonly justification: Justification | null;
  readonly impact: string | null;
  /** Since when it is said: not when it was written down, or feeding it back would prolong it for ever. */
  readonly since: string | null;
}

export const openOpenVex: OpenSink = (head, writer) => {
  const digest = hash('sha256', `${head.generatedAt}\n${head.scope.inputs.join('\n')}`, 'hex');
  const open = {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `https://openvex.dev/docs/public/vex-${digest}`,
    author: ROC_AUTHOR,
    timestamp: head.generatedAt,
    version: 1,
  };
  writer.write(`${JSON.stringify(open).slice(0, -1)},"statements":[`);
  let isFirst = true;
  return {
    finding(_json, parsed) {
      const said = sayOf(parsed());
      if (said === null) return;
      writer.write(`${isFirst ? '\n' : ',\n'}${JSON.stringify(openVexStatement(said))}`);
      isFirst = false;
    },
    end: () => writer.write('\n]}\n'),
  };
};

function openVexStatement(said: Said): object {
  return {
    vulnerability: { name: said.vulnerability },
    products: [
      { '@id': said.product, ...(said.part === null ? {} : { subcomponents: [{ '@id': said.part }] }) },
    ],
    status: said.status,
    ...(said.since === null ? {} : { timestamp: said.since }),
    ...(said.justification === null ? {} : { justification: said.justification }),
    ...(said.status === 'not_affected' && said.impact !== null ? { impact_statement: said.impact } : {}),
    ...(said.status === 'affected' ? { action_statement: said.impact ?? 'see the report' } : {}),
  };
}

export const openCycloneDxVex: OpenSink = (head, writer) => {
  const open = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: head.generatedAt, authors: [{ name: ROC_AUTHOR }] },
  };
  writer.write(`${JSON.stringify(open).slice(0, -1)},"vulnerabilities":[`);
  let isFirst = true;
  return {
    finding(_json, parsed) {
      const said = sayOf(parsed());
      if (said === null) return;
      writer.write(
        `${isFirst ? '\n' : ',\n'}${JSON.stringify(cycloneDxVulnerability(said, head.generatedAt))}`,
      );
      isFirst = false;
    },
    end: () => writer.write('\n]}\n'),
  };
};

function cycloneDxVulnerability(said: Said, now: string): object {
  return {
    id: said.vulnerability,
    affects: [{ ref: said.part ?? said.product }],
    analysis: {
      state: STATUS_TO_CYCLONEDX[said.status],
      ...(said.justification === null ? {} : { justification: TO_CYCLONEDX[said.justification] }),
      ...(said.impact === null ? {} : { detail: said.impact }),
      lastUpdated: said.since ?? now,
    },
  };
}

// An accepted risk is still affected: accepting does not make the code safe.
function sayOf(finding: Finding): Said | null {
  const vulnerability = finding.ids.cve ?? finding.ids.advisory;
  if (finding.lane !== 'vuln' || vulnerability === undefined || vulnerability === null) return null;
  const { suppression, package: pkg } = finding;
  const isHarmless = finding.state === 'suppressed' && HARMLESS.has(suppression?.status ?? '');
  const justification = JUSTIFICATION_LABELS.find((label) => label === suppression?.justification) ?? null;
  return {
    vulnerability,
    product: productOf(finding),
    part:
      pkg === null
        ? null
        : (pkg.purl ??
          `pkg:generic/${encodeURIComponent(pkg.name)}${pkg.version === null ? '' : `@${encodeURIComponent(pkg.version)}`}`),
    status:
      finding.state === 'fixed' || (isHarmless && suppression?.status === 'fixed')
        ? 'fixed'
        : isHarmless
          ? 'not_affected'
          : 'affected',
    justification: isHarmless ? justification : null,
    impact:
      isHarmless && suppression !== undefined
        ? withUntil(suppression.reason, suppression.expires)
        : finding.remedy,
    since: isHarmless ? (suppression?.since ?? null) : null,
  };
}

const HARMLESS: ReadonlySet<string> = new Set(['not_affected', 'false_positive', 'fixed']);

function productOf({ resource }: Finding): string {
  if (resource.repo === null || resource.digest === null) return resource.id;
  const name = resource.repo.slice(resource.repo.lastIndexOf('/') + 1);
  return `pkg:oci/${encodeURIComponent(name)}@${encodeURIComponent(resource.digest)}?repository_url=${encodeURIComponent(resource.repo)}`;
}
