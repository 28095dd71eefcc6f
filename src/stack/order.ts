/** The resources of a template in the order in which they need each other, the same order each time. */
import type { TemplateResource } from './template.js';

type Resources = Readonly<Record<string, TemplateResource>>;

/** What a resource names comes before it; otherwise the alphabet decides. */
export function inOrder(resources: Resources): Record<string, TemplateResource> {
  const ordered: Record<string, TemplateResource> = {};
  const visit = (id: string, resource: TemplateResource, above: ReadonlySet<string>) => {
    if (id in ordered || above.has(id)) return;
    const path = new Set(above).add(id);
    for (const needed of [...namedBy(resource)].sort()) {
      const other = resources[needed];
      if (other !== undefined) visit(needed, other, path);
    }
    ordered[id] = resource;
  };
  for (const [id, resource] of Object.entries(resources).sort(([a], [b]) => (a < b ? -1 : 1)))
    visit(id, resource, new Set());
  return ordered;
}

/** Every logical id that a value names by Ref, Fn::GetAtt, Fn::Sub or DependsOn. */
export function namedBy(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) namedBy(item, found);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) collect(key, inner, found);
  return found;
}

function collect(key: string, value: unknown, found: Set<string>): void {
  if (key === 'Ref' && typeof value === 'string') found.add(value);
  else if (key === 'Fn::GetAtt')
    found.add(String(Array.isArray(value) ? value[0] : String(value).split('.')[0]));
  else if (key === 'DependsOn') for (const id of [value].flat()) found.add(String(id));
  else {
    if (key === 'Fn::Sub')
      for (const [, name = ''] of String([value].flat()[0]).matchAll(/\$\{([A-Za-z0-9]+)/g)) found.add(name);
    namedBy(value, found);
  }
}
