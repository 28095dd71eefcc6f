/** A plan as people read it: what changes, how far, at what risk and cost. */
import type { Change, PropertyChange } from '../change.js';
import type { CostView, Plan, PostureView } from '../plan-model.js';

const MARKS = { add: '+', modify: '~', remove: '-', import: '<' } as const;
const LONGEST_VALUE = 60;

export function planLines(plan: Plan): string[] {
  const { stackName, region, account, action, changes, pending } = plan;
  const head = `${stackName} in ${region}, account ${account}`;
  if (pending === null) return [`${head}: nothing to change`, ...costLines(plan.cost)];
  return [
    `${head}: ${action}`,
    '',
    ...(action === 'create' ? creationLines(changes) : changedLines(changes)),
    '',
    totals(changes),
    ...riskLines(changes),
    ...costLines(plan.cost),
    ...postureLines(plan.posture),
  ];
}

/** A first plan has nothing to compare: what holds data by name, the rest by type. */
function creationLines(changes: readonly Change[]): string[] {
  const byType = new Map<string, Change[]>();
  for (const change of changes) byType.set(change.type, [...(byType.get(change.type) ?? []), change]);
  return [...byType].sort().map(([type, all]) => {
    const names = all.map(({ logicalId }) => logicalId).join(', ');
    return `  + ${String(all.length).padStart(3)} ${type.replace(/^AWS::/, '').padEnd(42)} ${short(names, 30)}`;
  });
}

function changedLines(changes: readonly Change[]): string[] {
  return changes.length === 0 ? ['  outputs only'] : changes.flatMap(changeLines);
}

function changeLines(change: Change): string[] {
  const { action, logicalId, type, replacement } = change;
  const mark = replacement === 'always' ? '±' : MARKS[action];
  const said = { always: '  made anew', conditional: '  may be made anew', never: '' }[replacement];
  const line = `  ${mark} ${logicalId.padEnd(34)} ${type.replace(/^AWS::/, '')}${said}`;
  return action === 'modify' ? [line, ...change.properties.map(propertyLine)] : [line];
}

function propertyLine({ path, before, after, recreation }: PropertyChange): string {
  const why =
    recreation === 'never' ? '' : recreation === 'always' ? '  (makes it anew)' : '  (may make it anew)';
  return `      ${path.replace(/^Properties\./, '')}: ${value(before)} → ${value(after)}${why}`;
}

function value(of: unknown): string {
  if (of === undefined) return '(none)';
  return short(typeof of === 'string' ? of : JSON.stringify(of), LONGEST_VALUE);
}

function short(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

function totals(changes: readonly Change[]): string {
  const count = (action: Change['action']) => changes.filter((change) => change.action === action).length;
  const anew = changes.filter(({ replacement }) => replacement !== 'never').length;
  const parts = [
    `${count('add')} to add`,
    `${count('modify')} to change`,
    `${count('remove')} to remove`,
    ...(count('import') > 0 ? [`${count('import')} to take in`] : []),
    ...(anew > 0 ? [`${anew} of them made anew`] : []),
  ];
  return parts.join(', ');
}

function riskLines(changes: readonly Change[]): string[] {
  const risky = changes.filter(
    ({ stateful, action, replacement }) => stateful && (action === 'remove' || replacement !== 'never'),
  );
  return risky.flatMap(({ logicalId, action, replacement, fate }) => {
    const what =
      action === 'remove'
        ? 'is removed'
        : replacement === 'always'
          ? 'is made anew, empty'
          : 'may be made anew, empty';
    const old = {
      kept: 'the old one stays outside the stack',
      snapshot: 'the old one leaves a snapshot',
      lost: 'THE OLD ONE IS LOST',
      unchanged: 'it stays',
    }[fate];
    return [`  ! ${logicalId} holds data and ${what}; ${old}. Needs --allow-replace ${logicalId}`];
  });
}

function costLines(cost: CostView | null): string[] {
  if (cost === null) return [];
  const usd = (amount: number) =>
    amount.toLocaleString('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 2 });
  const delta = `${cost.deltaUsd < 0 ? '-' : '+'}${usd(Math.abs(cost.deltaUsd))}`;
  const line = `cost: ${usd(cost.monthlyUsd)} a month (${delta}), prices of ${cost.asOf.slice(0, 10)}, usage not counted`;
  const missing = cost.unpriced.length === 0 ? [] : [`not priced: ${cost.unpriced.join(', ')}`];
  return [line, ...missing];
}

function postureLines(findings: readonly PostureView[]): string[] {
  if (findings.length === 0) return [];
  const open = findings.filter(({ waived }) => !waived);
  return [
    `posture: ${open.length} findings, ${findings.length - open.length} waived`,
    ...open.map(({ severity, id, resource, why }) => `  ${severity} ${id} ${resource}: ${why}`),
  ];
}
