/** Turns the journal into evidence, and copies both to where they are kept. */
import { rtoOf } from '../../decide/verdict.js';
import type { CleanupOutcome, EvidenceInput } from '../../evidence-input.js';
import type { CheckResult, Covered } from '../../results.js';
import type { RunContext } from '../context.js';
import { testIdOf } from '../names.js';
import type { RunState } from '../state.js';

const NOTHING: CleanupOutcome = { verdict: 'nothing-to-do', leftovers: [], goneAt: null };

export async function signRun({ journal, ports }: RunContext): Promise<void> {
  const evidence = await ports.writeEvidence(evidenceOf(journal.state, journal.head));
  journal.append({ type: 'signed', evidence });
}

export async function publishRun(context: RunContext): Promise<void> {
  const { journal, cloud, ports, log } = context;
  const { job, verdict, reasons } = journal.state;
  if (job !== null && verdict !== null) {
    // A job outside a plan of restore testing has nobody who waits for this.
    await cloud
      .putValidation(
        job,
        verdict,
        verdict === 'pass' ? 'verified by roc' : `${verdict}: ${reasons.join('; ')}`,
      )
      .catch((error: unknown) => log.warn({ error: String(error) }, 'AWS Backup did not take the verdict'));
  }
  await ports.publish(journal);
  journal.append({ type: 'published' });
}

function evidenceOf(state: RunState, head: string): EvidenceInput {
  const { plan } = state;
  return {
    run: plan.run,
    tool: { name: 'roc', version: plan.toolVersion },
    operator: plan.operator,
    policy: plan.policy,
    asset: { id: plan.asset.id, type: 'rds-mysql', source: plan.source, region: plan.region },
    point: state.point,
    manifest: state.manifest,
    instance: state.mayExist
      ? { id: testIdOf(plan.run), class: state.class, multiAz: plan.placement.multiAz }
      : null,
    startedAt: new Date(state.startedAt).toISOString(),
    finishedAt: state.timeline.at(-1)?.at ?? new Date(state.startedAt).toISOString(),
    rto: rtoOf(state),
    rpo: state.rpo,
    checks: state.checks,
    coverage: coverageOf(state.checks),
    exclusions: plan.asset.checks.tables.exclude,
    deviations: state.deviations,
    timeline: state.timeline,
    requests: state.requests,
    journalSha256: head,
    seed: state.seed,
    cleanup: state.cleanup ?? NOTHING,
    costUsd: plan.costUsd,
    verdict: state.verdict ?? 'inconclusive',
  };
}

/** What all checks together looked at; the detection is that of the weakest. */
export function coverageOf(checks: readonly CheckResult[]): Covered | null {
  const parts = checks.flatMap(({ covered }) => covered ?? []);
  if (parts.length === 0) return null;
  const sum = (of: (part: Covered) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    tables: sum(({ tables }) => tables),
    rows: sum(({ rows }) => rows),
    rowsChecked: sum(({ rowsChecked }) => rowsChecked),
    bytesChecked: sum(({ bytesChecked }) => bytesChecked),
    detection: Math.min(...parts.map(({ detection }) => detection)),
  };
}
