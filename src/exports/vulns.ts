/** `import … from 'roc/vulns'`: triage of findings into one plan, as `roc vulns` does it. */
import { fileURLToPath } from 'node:url';
import { buildTable, type DecisionTable } from '../vulns/decide/table.js';
import { type ExplainRequest, type Explanation, explain } from '../vulns/explain.js';
import { loadFeeds } from '../vulns/feeds/load.js';
import { loadTable } from '../vulns/load-policy.js';
import { makeReport } from '../vulns/report.js';
import type { FeedState } from '../vulns/report-model.js';
import type { ReportRequest, ReportResult } from '../vulns/report-request.js';
import { suppress } from '../vulns/suppress.js';
import type { MadeSuppression, SuppressRequest } from '../vulns/suppress-request.js';

/** Where the shipped policies and the worker script are: this package's own folder. */
const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Everything of {@link ReportRequest} but the package's folder, which is known here. */
export type VulnsReportRequest = Omit<ReportRequest, 'packageRoot'>;

/**
 * Reads findings, decides, writes the outputs asked for, and returns the report's head and its most urgent findings.
 * @throws RocError ROC_NOT_FOUND, ROC_POLICY_INVALID, ROC_INVALID_INPUT, ROC_CONFLICT
 */
export function reportVulnerabilities(request: VulnsReportRequest): Promise<ReportResult> {
  return makeReport({ ...request, packageRoot });
}

/**
 * The decision of one finding with the table that decided it, from a JSON report or from the memory.
 * @throws RocError ROC_NOT_FOUND, ROC_USAGE
 */
export function explainFinding(request: Omit<ExplainRequest, 'packageRoot'>): Promise<Explanation> {
  return explain({ ...request, packageRoot });
}

/**
 * Adds a suppression with reason, author and end to a file.
 * @throws RocError ROC_INVALID_INPUT, ROC_POLICY_INVALID
 */
export function suppressFindings(request: Omit<SuppressRequest, 'packageRoot'>): Promise<MadeSuppression> {
  return suppress({ ...request, packageRoot });
}

/**
 * Which feeds a folder has, and how old they are.
 * @param now epoch milliseconds
 * @throws RocError ROC_INVALID_INPUT for a damaged feed
 */
export async function feedStates(dir: string, now: number, maxAgeDays = 7): Promise<readonly FeedState[]> {
  return (await loadFeeds(dir, now, maxAgeDays)).states;
}

/** A shipped decision table; {@link lookUp} asks it. */
export async function decisionTable(name: 'cisa-bod-26-04' | 'cisa-coordinator'): Promise<DecisionTable> {
  return buildTable(await loadTable(packageRoot, name));
}

export { RocError } from '../kernel/errors.js';
export type { GateResult, GateRule } from '../vulns/decide/gates.js';
export { riskScore } from '../vulns/decide/risk.js';
export { lookUp, type TableRow, type TableVerdict } from '../vulns/decide/table.js';
export { evidenceOf, type VulnsEvidence } from '../vulns/evidence.js';
export { parseFailOn } from '../vulns/fail-on.js';
export { type PulledFeed, type PullRequest, type PullResult, pullFeeds } from '../vulns/feeds/pull.js';
export type { FindingGroup, Grouping } from '../vulns/groups.js';
export type { LiveRequest, LiveService } from '../vulns/live.js';
export type {
  Action,
  Coverage,
  Decision,
  Finding,
  Lane,
  Problem,
  Severity,
  SourceRef,
  State,
} from '../vulns/model.js';
export type { Format, OutputTarget } from '../vulns/outputs/formats.js';
export type { PlanItem } from '../vulns/plan.js';
export type { ReportHead, ReportSummary } from '../vulns/report-model.js';
export { parseSince } from '../vulns/since.js';
export type { DecisionTable, Explanation, FeedState, MadeSuppression, ReportResult };
