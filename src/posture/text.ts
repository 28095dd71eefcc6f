/** A posture as lines for people. Pure. */
import type { ControlResult, Posture } from './model.js';

export interface ControlRow {
  readonly verdict: string;
  readonly severity: string;
  readonly id: string;
  readonly says: string;
}

/** What does not hold, worst first; all with `isAll`. */
export function controlRows({ controls }: Posture, isAll: boolean): ControlRow[] {
  return controls
    .filter(({ verdict }) => isAll || verdict === 'fail' || verdict === 'unknown')
    .map((control) => ({
      verdict: verdictWord(control),
      severity: control.severity,
      id: control.id,
      says: summaryOf(control),
    }));
}

/** What to do, once for each control that fails and is not let be. */
export function fixLines({ controls }: Posture): string[] {
  return controls
    .filter((one) => one.verdict === 'fail' && !isLetBe(one))
    .map(({ id, fix }) => `  ${id}: ${fix}`);
}

export function summaryLine({ summary, scope }: Posture): string {
  const { pass, fail, waived, unknown, notApplicable } = summary;
  const where = [scope.account, scope.region, ...(scope.vpc === null ? [] : [scope.vpc])].join(' ');
  return `${where}: ${pass} hold, ${fail} fail, ${unknown} unknown, ${waived} waived, ${notApplicable} do not apply`;
}

function verdictWord(control: ControlResult): string {
  if (control.verdict !== 'fail') return control.verdict;
  if (isLetBe(control)) return 'waived';
  return control.waiver?.expired ? 'fail (waiver ended)' : 'fail';
}

function isLetBe({ evidence }: ControlResult): boolean {
  return evidence.every(({ verdict, waived }) => verdict === 'pass' || waived);
}

const MOST_RESOURCES = 3;

function summaryOf({ title, verdict, evidence, waiver }: ControlResult): string {
  if (verdict === 'pass' || verdict === 'notApplicable') return title;
  const told = evidence.filter((one) => one.verdict !== 'pass');
  const shown = told
    .slice(0, MOST_RESOURCES)
    .map(({ resource, says }) => (resource === 'account' ? says : `${resource} ${says}`));
  const more = told.length - shown.length;
  const why = `${shown.join('; ')}${more > 0 ? `; ${more} more` : ''}`;
  return waiver === null
    ? why
    : `${why} (${waiver.expired ? 'waiver ended' : 'waived until'} ${waiver.until}: ${waiver.reason})`;
}
