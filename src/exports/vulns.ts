/** `import … from 'roc/vulns'`: triage of findings into one plan, as `roc vulns` does it. */
import { fileURLToPath } from 'node:url';
import { type ExplainRequest, type Explanation, explain } from '../vulns/explain.js';
import { makeReport } from '../vulns/report.js';
import type { ReportRequest, ReportResult } from '../vulns/report-request.js';

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

export { RocError } from '../kernel/errors.js';
export type { GateResult, GateRule } from '../vulns/decide/gates.js';
export { parseFailOn } from '../vulns/fail-on.js';
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
export type { FeedState, ReportHead, ReportSummary } from '../vulns/report-model.js';
export type { Explanation, ReportResult };
