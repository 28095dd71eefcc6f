/** What one format's reader is: a test of a document, and a function that tells its findings. */
import type { Coverage, Observation, Problem, Tool } from '../model.js';
import type { JsonObject } from './json.js';

/** Why a record is no open finding although it is well formed; counted, never silently lost. */
export const DROP_REASONS = ['passed', 'sample', 'archived', 'not-applicable', 'ignored'] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface ReadContext {
  readonly file: string;
  emit(observation: Observation): void;
  cover(coverage: Coverage): void;
  drop(reason: DropReason): void;
  problem(kind: Problem['kind'], message: string, skipped: boolean): void;
}

export interface Adapter {
  readonly tool: Tool;
  /** Is this document, or this single record, one of mine? Cheap, and true for no other format's. */
  matches(document: JsonObject): boolean;
  read(document: JsonObject, context: ReadContext): void;
}
