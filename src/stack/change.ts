/** The nouns of a plan: what would change, how far, and what is at risk. */

export interface PropertyChange {
  /** `Properties.MultiAZ`, `Properties.Tags.0.Value`, `DeletionPolicy`. */
  readonly path: string;
  /** Undefined where the property was not there before. */
  readonly before: unknown;
  /** Undefined where it is taken away; `(known after apply)` where AWS decides it. */
  readonly after: unknown;
  readonly recreation: Recreation;
}

/** Whether a change makes the resource anew: `never`, `conditional` (AWS decides while it applies), `always`. */
export type Recreation = 'never' | 'conditional' | 'always';

export interface Change {
  readonly action: 'add' | 'modify' | 'remove' | 'import';
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string | null;
  readonly replacement: Recreation;
  /** Holds what cannot be made again: data, keys, images, logs. */
  readonly stateful: boolean;
  /** What becomes of the old one where it is removed or replaced. */
  readonly fate: Fate;
  readonly properties: readonly PropertyChange[];
}

export type Fate = 'kept' | 'snapshot' | 'lost' | 'unchanged';
