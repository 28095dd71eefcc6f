/** A template as the fake CloudFormation reads it: what refers to what, and in which order things are made. */
import { AwsFault } from '../aws-model/fake-aws.js';

export interface FakeResource {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface FakeTemplate {
  Parameters?: Record<string, { Default?: unknown }>;
  Resources: Record<string, FakeResource>;
  Outputs?: Record<string, { Value: unknown }>;
}

/** Refuses what AWS refuses before it makes a change set. */
export function parseTemplate(body: string): FakeTemplate {
  if (Buffer.byteLength(body) > 51_200)
    throw new AwsFault(
      'ValidationError',
      "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
    );
  return parseLargeTemplate(body);
}

export function parseLargeTemplate(body: string): FakeTemplate {
  let template: FakeTemplate;
  try {
    template = JSON.parse(body) as FakeTemplate;
  } catch {
    throw new AwsFault('ValidationError', 'Template format error: JSON not well-formed.');
  }
  if (Object.keys(template.Resources ?? {}).length === 0)
    throw new AwsFault(
      'ValidationError',
      'Template format error: At least one Resources member must be defined.',
    );
  const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})]);
  const dangling = Object.values(template.Resources)
    .flatMap((resource) => referencesOf(resource.Properties))
    .filter((name) => !known.has(name) && !name.startsWith('AWS::'));
  if (dangling.length > 0)
    throw new AwsFault(
      'ValidationError',
      `Template format error: Unresolved resource dependencies [${[...new Set(dangling)].join(', ')}] in the Resources block of the template`,
    );
  return template;
}

/** Logical ids in the order in which they can be made. */
export function makingOrder(template: FakeTemplate): string[] {
  const order: string[] = [];
  const visiting = new Set<string>();
  const visit = (id: string) => {
    const resource = template.Resources[id];
    if (resource === undefined || order.includes(id)) return;
    if (visiting.has(id))
      throw new AwsFault('ValidationError', `Circular dependency between resources: [${id}]`);
    visiting.add(id);
    for (const next of [...referencesOf(resource.Properties), ...[resource.DependsOn ?? []].flat()])
      visit(next);
    order.push(id);
  };
  for (const id of Object.keys(template.Resources)) visit(id);
  return order;
}

/** Every logical id that a value names by Ref, Fn::GetAtt or Fn::Sub. */
export function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref') return [String(inner)];
    if (key === 'Fn::GetAtt') return [String(Array.isArray(inner) ? inner[0] : String(inner).split('.')[0])];
    if (key !== 'Fn::Sub') return referencesOf(inner);
    const [text, names] = Array.isArray(inner) ? [inner[0], inner[1] as object] : [inner, {}];
    const inText = [...String(text).matchAll(/\$\{([^!}.]+)[^}]*\}/g)].map((match) => match[1] ?? '');
    return [...inText.filter((name) => !Object.hasOwn(names, name)), ...referencesOf(Object.values(names))];
  });
}
