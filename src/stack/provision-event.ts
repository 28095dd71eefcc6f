/** What the engine tells while it works: one union, printed as lines for people or as JSON Lines. */

export interface ResourceEvent {
  readonly event: 'resource';
  readonly at: string;
  readonly logicalId: string;
  readonly type: string;
  /** As AWS names it: `CREATE_IN_PROGRESS`, `UPDATE_COMPLETE`, `DELETE_SKIPPED`, … */
  readonly status: string;
  readonly reason: string | null;
  readonly physicalId: string | null;
  /** Since the resource's own IN_PROGRESS event; null where that was not seen. */
  readonly elapsedMs: number | null;
  /** How long this type usually takes. */
  readonly usualMs: number | null;
}

export interface StackStateEvent {
  readonly event: 'stack';
  readonly at: string;
  readonly status: string;
  readonly reason: string | null;
}

export interface StepEvent {
  readonly event: 'step';
  readonly at: string;
  readonly text: string;
}

export type ProvisionEvent = ResourceEvent | StackStateEvent | StepEvent;
