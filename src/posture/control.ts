/** What a control is: what it needs to know, and how it judges each thing it is about. Pure. */
import type { PartName, PostureFacts, PostureParts } from './facts.js';
import type { Evidence, Severity } from './model.js';
import type { PosturePolicy } from './policy.js';

export interface ControlText {
  /** `part.what`, never changed once published: waivers name it. */
  readonly id: string;
  /** What must be so. */
  readonly title: string;
  readonly severity: Severity;
  readonly references: readonly string[];
  readonly fix: string;
}

export interface Context {
  readonly policy: PosturePolicy;
  readonly now: number;
}

export type Finding = Pick<Evidence, 'resource' | 'verdict' | 'says'>;

export interface Control extends ControlText {
  /** Nothing found means that it applies to nothing here. */
  readonly judge: (facts: PostureFacts, context: Context) => readonly Finding[];
}

type Parts<K extends PartName> = { readonly [P in K]: PostureParts[P] };

/** A control that needs these parts; where one is unknown, so is the control, and it says why. */
export function control<K extends PartName>(
  text: ControlText,
  needs: readonly K[],
  judge: (parts: Parts<K>, context: Context) => readonly Finding[],
): Control {
  return {
    ...text,
    judge(facts, context) {
      const unknown = needs.flatMap((need): Finding[] => {
        const part = facts[need];
        return 'unknown' in part ? [{ resource: 'account', verdict: 'unknown', says: part.unknown }] : [];
      });
      if (unknown.length > 0) return unknown;
      const parts = Object.fromEntries(
        needs.map((need) => [need, (facts[need] as { readonly value: unknown }).value]),
      );
      return judge(parts as Parts<K>, context);
    },
  };
}

/** One finding a thing: passes where `isHeld`, and says what is so. */
export function each<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  isHeld: (thing: T) => boolean,
  says: (thing: T) => string,
): Finding[] {
  return things.map((thing) => ({
    resource: nameOf(thing),
    verdict: isHeld(thing) ? 'pass' : 'fail',
    says: says(thing),
  }));
}

/** Of what an account has once. */
export function once(isHeld: boolean, says: string): Finding[] {
  return [{ resource: 'account', verdict: isHeld ? 'pass' : 'fail', says }];
}
