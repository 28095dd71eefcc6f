/** `roc provision check`: the template of a configuration against cdk-nag and roc's own rules. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settle } from '../settings.js';
import type { SynthesisRequest } from '../synthesise.js';
import type { Template } from '../template.js';
import type { CheckInput } from './check-input.js';
import type { JudgedFinding } from './finding.js';
import { judge } from './judge.js';
import { refuseUnderPolicy } from './limits.js';
import { judgeByNag } from './nag.js';
import type { StackPolicy } from './policy.js';
import { waive } from './waive.js';

export interface CheckReport {
  readonly findings: readonly JudgedFinding[];
  readonly open: number;
  readonly waived: number;
}

/**
 * Judges what a request would deploy.
 * @param now epoch milliseconds
 * @throws RocError ROC_CONFIG_INVALID where the policy refuses the configuration itself
 */
export async function checkStack(
  request: SynthesisRequest,
  { policy, now }: { policy: StackPolicy; now: number },
): Promise<CheckReport> {
  const settings = settle(request.config, request.version);
  refuseUnderPolicy(settings, policy, now);
  const outdir = mkdtempSync(join(tmpdir(), 'roc-check-'));
  try {
    const { buildApp } = await import('../template/stack.js');
    const { app, stack } = buildApp(settings, request.facts, outdir);
    const template = app.synth().getStackByName(stack.stackName).template as Template;
    const findings = [...judge({ template, settings }, policy), ...(await judgeByNag(stack, policy.packs))];
    return reportOf(waive(findings, policy.waivers, { settings, now }));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The same without cdk-nag: what a plan shows of a template that may come from the cache, in no time. */
export function judgeTemplate(
  input: CheckInput,
  { policy, now }: { policy: StackPolicy; now: number },
): CheckReport {
  return reportOf(waive(judge(input, policy), policy.waivers, { settings: input.settings, now }));
}

const ORDER = ['critical', 'high', 'medium', 'low'];

function reportOf(findings: readonly JudgedFinding[]): CheckReport {
  const rank = (finding: JudgedFinding) => (finding.waived ? 10 : 0) + ORDER.indexOf(finding.severity);
  const sorted = [...findings].sort(
    (a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id) || a.resource.localeCompare(b.resource),
  );
  const waived = sorted.filter((finding) => finding.waived).length;
  return { findings: sorted, open: sorted.length - waived, waived };
}
