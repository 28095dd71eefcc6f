/** Reading a template: resources of a type, lists that may be one thing, what a value refers to. */
import { namedBy } from '../order.js';
import type { Template } from '../template.js';

type Properties = Readonly<Record<string, unknown>>;

export function ofType(template: Template, type: string): [string, Properties][] {
  return Object.entries(template.Resources)
    .filter(([, resource]) => resource.Type === type)
    .map(([id, resource]) => [id, resource.Properties ?? {}]);
}

/** IAM and CloudFormation take one thing where a list is meant. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

export function asRecord(value: unknown): Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

export interface PolicyStatement {
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export function statementsOf(document: unknown): PolicyStatement[] {
  return listOf(asRecord(document)['Statement']).map((statement) => asRecord(statement));
}

/** The logical ids that a value refers to. */
export function refersTo(value: unknown): ReadonlySet<string> {
  return namedBy(value);
}

/** Ids of those that break a rule, each once. */
export function breaking<T>(
  pairs: readonly (readonly [string, T])[],
  breaks: (value: T, id: string) => boolean,
): string[] {
  return pairs.filter(([id, value]) => breaks(value, id)).map(([id]) => id);
}
