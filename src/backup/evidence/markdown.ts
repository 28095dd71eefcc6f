/** Evidence as Markdown, for tickets and pull requests; made from the JSON and naming its hash. */
import type { Evidence } from './model.js';
import {
  coverageText,
  facts,
  rpoText,
  rtoCaveat,
  timeText,
  VERDICT_WORDS,
  verdictSentence,
} from './words.js';

export function renderMarkdown(evidence: Evidence, sha256: string): string {
  const { report, signature } = evidence;
  const { rto, rpo, checks, exclusions, deviations } = report;
  return [
    `# Restore evidence ${evidence.chain.number}: ${cell(report.asset.id)}`,
    '',
    `**${VERDICT_WORDS[report.verdict]}** (${report.verdict}). ${verdictSentence(report)}`,
    '',
    ...(rto === null
      ? []
      : [
          '| | measured | target |',
          '|---|---|---|',
          `| RTO, connected | ${timeText(rto.connect)} | |`,
          `| RTO, critical checks | ${timeText(rto.critical)} | ${timeText(rto.target)} |`,
          `| RTO, everything read | ${timeText(rto.full)} | |`,
          `| RPO | ${rpoText(report)} | ${rpo === null ? '' : timeText(rpo.target)} |`,
          `| Coverage | ${cell(coverageText(report))} | |`,
          '',
          rtoCaveat(report),
          '',
        ]),
    '## Checks',
    '',
    '| check | verdict | expected | found | seconds |',
    '|---|---|---|---|---|',
    ...checks.map(
      (check) =>
        `| ${cell(check.id)}${check.critical ? ' (critical)' : ''} | ${check.verdict} | ${cell(check.expected)} | ${cell(check.actual)} | ${check.seconds.toFixed(1)} |`,
    ),
    '',
    '## Facts',
    '',
    ...facts(evidence).map(({ name, value }) => `- ${name}: ${cell(value)}`),
    ...section(
      'Not checked',
      exclusions.map(({ name, reason }) => `${name}: ${reason}`),
    ),
    ...section('Different from the plan', deviations),
    '',
    `Signed with ${signature.algorithm} by ${cell(signature.keyId)}. Made from the file of SHA-256 \`${sha256}\`, which alone counts.`,
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines.map((line) => `- ${cell(line)}`)];
}

/** Foreign text in one line, without a meaning in Markdown. */
export function cell(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ').replace(/[\\`*_[\]<>|#!]/g, '\\$&');
}
