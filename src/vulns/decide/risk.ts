/** The published risk formula of Grype (grype/vulnerability/metadata.go), made total: it orders what the table ties. */
import type { Severity } from '../model.js';

export interface RiskFacts {
  readonly severity: Severity;
  readonly cvss: readonly number[];
  readonly epss: number | null;
  readonly inKev: boolean;
  readonly ransomware: boolean;
}

const LABEL_SCORES: Readonly<Record<Severity, number>> = {
  critical: 9,
  high: 7.5,
  medium: 5,
  low: 3,
  info: 0.5,
  unknown: 5,
};

/** Grype counts a missing EPSS as no threat, which sinks every fresh CVE; a prior by severity stands in. */
const EPSS_PRIORS: Readonly<Record<Severity, number>> = {
  critical: 0.1,
  high: 0.03,
  medium: 0.01,
  low: 0.003,
  info: 0.003,
  unknown: 0.01,
};

/** 0 to 100, two decimals; `assumed` tells that EPSS was missing and its prior was used. */
export function riskScore(facts: RiskFacts): { score: number; assumed: boolean } {
  const assumed = !facts.inKev && facts.epss === null;
  const threat = facts.inKev ? 1 : (facts.epss ?? EPSS_PRIORS[facts.severity]);
  const boost = facts.inKev ? (facts.ransomware ? 1.1 : 1.05) : 1;
  const score = Math.min(threat * severityScore(facts) * boost, 1) * 100;
  return { score: Math.round(score * 100) / 100, assumed };
}

// The mean of the label's score and of the mean of those CVSS scores that are not zero, in tenths.
function severityScore({ severity, cvss }: RiskFacts): number {
  const label = LABEL_SCORES[severity];
  const scores = cvss.filter((score) => score > 0);
  if (scores.length === 0) return label / 10;
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return (label + mean) / 2 / 10;
}
