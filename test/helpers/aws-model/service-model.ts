/** AWS's own API models, as botocore carries them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { botocoreData } from '../programs.js';

export interface ShapeRef {
  shape: string;
  locationName?: string;
  queryName?: string;
  flattened?: boolean;
}

export interface Shape {
  type: string;
  members?: Record<string, ShapeRef>;
  required?: string[];
  member?: ShapeRef;
  key?: ShapeRef;
  value?: ShapeRef;
  enum?: string[];
  pattern?: string;
  min?: number;
  max?: number;
  flattened?: boolean;
  /** Any JSON at all: the model does not say what is in it. */
  document?: boolean;
}

export interface ServiceModel {
  metadata: {
    protocol: string;
    protocols?: string[];
    targetPrefix?: string;
    jsonVersion?: string;
    apiVersion: string;
  };
  operations: Record<
    string,
    { input?: ShapeRef; output?: ShapeRef & { resultWrapper?: string }; errors?: ShapeRef[] }
  >;
  shapes: Record<string, Shape>;
}

const cache = new Map<string, ServiceModel>();

/** The newest model of a service, such as `ssm`. Needs the part `botocore`. */
export function serviceModel(service: string): ServiceModel {
  const known = cache.get(service);
  if (known) return known;
  const data = botocoreData();
  if (data === null) throw new TypeError('no service models: declare the part `botocore`');
  const version = readdirSync(join(data, service)).sort().at(-1);
  const folder = join(data, service, version ?? '');
  const file = readdirSync(folder).find((name) => /^service-2\.json(\.gz)?$/.test(name)) ?? '';
  const bytes = readFileSync(join(folder, file));
  const model = JSON.parse(
    (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'),
  ) as ServiceModel;
  cache.set(service, model);
  return model;
}

export function shapeOf(model: ServiceModel, ref: ShapeRef): Shape {
  const shape = model.shapes[ref.shape];
  if (shape === undefined) throw new TypeError(`the model has no shape ${ref.shape}`);
  return shape;
}
