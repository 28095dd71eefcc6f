/** The query protocols (`query` and `ec2`): form fields to values and values to XML, led by the model. */
import { type ServiceModel, type ShapeRef, shapeOf } from './service-model.js';

/** Throws a TypeError that names the form fields the model does not know. */
export function readForm(model: ServiceModel, ref: ShapeRef | undefined, form: URLSearchParams): unknown {
  const fields = new Map(form);
  fields.delete('Action');
  fields.delete('Version');
  const value = ref === undefined ? {} : readValue(model, ref, '', fields);
  if (fields.size > 0) throw new TypeError(`unknown request members: ${[...fields.keys()].join(', ')}`);
  return value ?? {};
}

function readValue(model: ServiceModel, ref: ShapeRef, prefix: string, fields: Map<string, string>): unknown {
  const shape = shapeOf(model, ref);
  if (shape.type === 'structure') return readStructure(model, ref, prefix, fields);
  if (shape.type === 'list') return readList(model, ref, prefix, fields);
  if (shape.type === 'map') return readMap(model, ref, prefix, fields);
  const text = fields.get(prefix);
  fields.delete(prefix);
  if (/^(integer|long|float|double)$/.test(shape.type)) return Number(text);
  if (shape.type === 'boolean') return text === 'true';
  return text;
}

function readStructure(
  model: ServiceModel,
  ref: ShapeRef,
  prefix: string,
  fields: Map<string, string>,
): unknown {
  const value: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shapeOf(model, ref).members ?? {})) {
    const wire = model.metadata.protocol === 'ec2' ? ec2Name(name, member) : (member.locationName ?? name);
    const path = prefix === '' ? wire : `${prefix}.${wire}`;
    if (hasField(fields, path)) value[name] = readValue(model, member, path, fields);
  }
  return value;
}

function readList(
  model: ServiceModel,
  ref: ShapeRef,
  prefix: string,
  fields: Map<string, string>,
): unknown[] {
  const { member, flattened } = shapeOf(model, ref);
  if (member === undefined) return [];
  const isFlat = model.metadata.protocol === 'ec2' || flattened;
  const base = isFlat ? prefix : `${prefix}.${member.locationName ?? 'member'}`;
  const list: unknown[] = [];
  // An empty list is sent as its name alone.
  if (fields.get(prefix) === '') fields.delete(prefix);
  for (let i = 1; hasField(fields, `${base}.${i}`); i++)
    list.push(readValue(model, member, `${base}.${i}`, fields));
  return list;
}

function readMap(
  model: ServiceModel,
  ref: ShapeRef,
  prefix: string,
  fields: Map<string, string>,
): Record<string, unknown> {
  const { key, value, flattened } = shapeOf(model, ref);
  const map: Record<string, unknown> = {};
  if (fields.get(prefix) === '') fields.delete(prefix);
  const base = flattened ? prefix : `${prefix}.entry`;
  for (let i = 1; key !== undefined && value !== undefined && hasField(fields, `${base}.${i}`); i++) {
    const name = readValue(model, key, `${base}.${i}.${key.locationName ?? 'key'}`, fields);
    map[String(name)] = readValue(model, value, `${base}.${i}.${value.locationName ?? 'value'}`, fields);
  }
  return map;
}

function hasField(fields: Map<string, string>, path: string): boolean {
  return [...fields.keys()].some((key) => key === path || key.startsWith(`${path}.`));
}

function ec2Name(name: string, member: ShapeRef): string {
  const wire = member.queryName ?? member.locationName ?? name;
  return wire.charAt(0).toUpperCase() + wire.slice(1);
}

export function writeXml(model: ServiceModel, operation: string, output: unknown): string {
  const ref = model.operations[operation]?.output;
  const inner = ref === undefined ? '' : xmlOf(model, ref, output);
  const id = '<requestId>roc-test</requestId>';
  if (model.metadata.protocol === 'ec2') return `<${operation}Response>${id}${inner}</${operation}Response>`;
  const wrapper = ref?.resultWrapper;
  const result = wrapper === undefined ? inner : `<${wrapper}>${inner}</${wrapper}>`;
  return `<${operation}Response>${result}<ResponseMetadata><RequestId>roc-test</RequestId></ResponseMetadata></${operation}Response>`;
}

export function errorXml(model: ServiceModel, code: string, message: string): string {
  if (model.metadata.protocol === 'ec2')
    return `<Response><Errors><Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error></Errors><RequestID>roc-test</RequestID></Response>`;
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error><RequestId>roc-test</RequestId></ErrorResponse>`;
}

function xmlOf(model: ServiceModel, ref: ShapeRef, value: unknown): string {
  const shape = shapeOf(model, ref);
  if (shape.type === 'structure') {
    return Object.entries(shape.members ?? {})
      .filter(([name]) => (value as Record<string, unknown>)[name] !== undefined)
      .map(([name, member]) => {
        const item = (value as Record<string, unknown>)[name];
        const tag = member.locationName ?? name;
        if (shapeOf(model, member).flattened && Array.isArray(item))
          return item.map((one) => `<${tag}>${listItem(model, member, one)}</${tag}>`).join('');
        return `<${tag}>${xmlOf(model, member, item)}</${tag}>`;
      })
      .join('');
  }
  if (shape.type === 'list' && shape.member) {
    const tag = shape.member.locationName ?? 'member';
    const member = shape.member;
    return (value as unknown[]).map((item) => `<${tag}>${xmlOf(model, member, item)}</${tag}>`).join('');
  }
  if (shape.type === 'map' && shape.key && shape.value) {
    const [key, inner] = [shape.key, shape.value];
    const [keyTag, valueTag] = [key.locationName ?? 'key', inner.locationName ?? 'value'];
    return Object.entries(value as object)
      .map(([name, item]) => {
        const pair = `<${keyTag}>${escaped(name)}</${keyTag}><${valueTag}>${xmlOf(model, inner, item)}</${valueTag}>`;
        return `<entry>${pair}</entry>`;
      })
      .join('');
  }
  if (shape.type === 'timestamp') return new Date(value as Date).toISOString();
  return escaped(String(value));
}

function listItem(model: ServiceModel, ref: ShapeRef, item: unknown): string {
  const member = shapeOf(model, ref).member;
  return member === undefined ? '' : xmlOf(model, member, item);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
