/** Checks a value against a shape of the model: unknown, missing and ill-typed members, and values outside an enum. */
import { type ServiceModel, type ShapeRef, shapeOf } from './service-model.js';

/** One line for each thing wrong; empty when the value fits. Blobs are base64 text, timestamps Dates or numbers. */
export function shapeProblems(
  model: ServiceModel,
  ref: ShapeRef,
  value: unknown,
  path = ref.shape,
): string[] {
  const shape = shapeOf(model, ref);
  const wrong = (expected: string) => [`${path}: expected ${expected}, got ${JSON.stringify(value)}`];
  if (shape.document === true) return [];
  switch (shape.type) {
    case 'structure':
      return isObject(value) ? structureProblems(model, ref, value, path) : wrong('a structure');
    case 'list': {
      const member = shape.member;
      if (!Array.isArray(value) || member === undefined) return wrong('a list');
      return value.flatMap((item, i) => shapeProblems(model, member, item, `${path}[${i}]`));
    }
    case 'map': {
      const inner = shape.value;
      if (!isObject(value) || inner === undefined) return wrong('a map');
      return Object.entries(value).flatMap(([key, item]) =>
        shapeProblems(model, inner, item, `${path}.${key}`),
      );
    }
    case 'string':
      if (typeof value !== 'string') return wrong('a string');
      return shape.enum && !shape.enum.includes(value) ? wrong(`one of ${shape.enum.join(', ')}`) : [];
    default:
      return SCALARS[shape.type]?.fits(value) ? [] : wrong(SCALARS[shape.type]?.says ?? 'a known type');
  }
}

function structureProblems(
  model: ServiceModel,
  ref: ShapeRef,
  value: Record<string, unknown>,
  path: string,
): string[] {
  const shape = shapeOf(model, ref);
  const members = shape.members ?? {};
  const problems: string[] = [];
  for (const name of shape.required ?? []) {
    if (value[name] === undefined) problems.push(`${path}.${name}: missing`);
  }
  for (const [name, item] of Object.entries(value)) {
    const member = members[name];
    if (item === undefined) continue;
    if (member === undefined) problems.push(`${path}.${name}: unknown member`);
    else problems.push(...shapeProblems(model, member, item, `${path}.${name}`));
  }
  return problems;
}

const isNumber = (value: unknown) => typeof value === 'number';

const SCALARS: Readonly<Record<string, { fits: (value: unknown) => boolean; says: string }>> = {
  integer: { fits: Number.isInteger, says: 'a whole number' },
  long: { fits: Number.isInteger, says: 'a whole number' },
  float: { fits: isNumber, says: 'a number' },
  double: { fits: isNumber, says: 'a number' },
  boolean: { fits: (value) => typeof value === 'boolean', says: 'a boolean' },
  timestamp: {
    fits: (value) => value instanceof Date || isNumber(value) || typeof value === 'string',
    says: 'a time',
  },
  blob: { fits: (value) => typeof value === 'string', says: 'base64 text' },
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
