/** The name of a plan: what it would do, until when, and a digest that only the same plan has. */
import { canonicalSha256 } from '../kernel/canonical-json.js';
import { MINUTE } from '../kernel/time.js';

export interface PlanFacts {
  readonly group: string;
  readonly region: string;
  readonly current: number;
  readonly desired: number;
  readonly policyHash: string;
}

/** A plan is for now: the next minutes have another demand. */
const PLAN_LIFE = 5 * MINUTE;

export function newPlanId(
  facts: PlanFacts,
  now: number,
): { readonly id: string; readonly expiresAt: number } {
  const expiresAt = now + PLAN_LIFE;
  return { id: idOf(facts, expiresAt), expiresAt };
}

/** Null when `id` is this plan's and still good, else why it is not. */
export function planFault(id: string, facts: PlanFacts, now: number): string | null {
  const match = /^(\d+)to(\d+)-([0-9a-z]+)-[0-9a-f]{12}$/.exec(id);
  if (match === null) return `"${id}" is no id of a plan`;
  const expiresAt = Number.parseInt(match[3] ?? '', 36);
  if (now > expiresAt) return 'the plan is older than five minutes';
  if (expiresAt > now + PLAN_LIFE) return 'the plan is from a clock that is ahead of this one';
  const [current, desired] = [Number(match[1]), Number(match[2])];
  if (current !== facts.current)
    return `the plan was made at ${current} instances and now ${facts.current} are asked for`;
  if (desired !== facts.desired)
    return `the plan was ${desired} instances and now it would be ${facts.desired}`;
  return id === idOf(facts, expiresAt) ? null : 'the plan is for another group or another policy';
}

function idOf(facts: PlanFacts, expiresAt: number): string {
  const digest = canonicalSha256({ ...facts, expiresAt }).slice(0, 12);
  return `${facts.current}to${facts.desired}-${expiresAt.toString(36)}-${digest}`;
}
