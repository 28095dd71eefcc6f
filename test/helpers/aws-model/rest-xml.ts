/** The REST-XML protocol (S3, Route 53): requests read and replies written as the model says. */
import type { IncomingMessage } from 'node:http';
import { type ServiceModel, type ShapeRef, shapeOf } from './service-model.js';

type Ref = ShapeRef & { location?: string; xmlAttribute?: boolean };
interface HttpTrait {
  readonly method: string;
  readonly requestUri: string;
}

export interface RestCall {
  readonly operation: string;
  readonly input: Record<string, unknown>;
}

/** Which operation a request is, and its input by member names; null where the model has none. */
export function readRestXml(model: ServiceModel, request: IncomingMessage, body: Buffer): RestCall | null {
  const url = new URL(request.url ?? '/', 'http://fake');
  const best = fittingOperation(model, request, url);
  if (best === null) return null;
  const ref = model.operations[best.name]?.input;
  if (ref === undefined) return { operation: best.name, input: {} };
  const shape = shapeOf(model, ref) as { members?: Record<string, Ref>; payload?: string };
  const input: Record<string, unknown> = {};
  for (const [member, inner] of Object.entries(shape.members ?? {})) {
    const text = placedText(inner, inner.locationName ?? member, best.labels, url, request);
    if (text !== undefined) input[member] = scalar(text, shapeOf(model, inner).type);
  }
  const payload = shape.payload === undefined ? undefined : shape.members?.[shape.payload];
  if (shape.payload !== undefined && payload !== undefined && body.length > 0)
    input[shape.payload] =
      shapeOf(model, payload).type === 'structure'
        ? fromXml(model, payload, parseXml(body.toString('utf8')))
        : body.toString('utf8');
  return { operation: best.name, input };
}

function fittingOperation(
  model: ServiceModel,
  request: IncomingMessage,
  url: URL,
): { name: string; labels: Map<string, string> } | null {
  const fitting = Object.entries(model.operations).flatMap(([name, operation]) => {
    const { http, deprecated } = operation as unknown as { http: HttpTrait; deprecated?: boolean };
    const isMeant =
      http.method === request.method && !deprecated && hasItsHeaders(model, operation.input, request);
    const labels = isMeant ? labelsOf(http.requestUri, url) : null;
    return labels === null ? [] : [{ name, labels, rank: rankOf(http.requestUri) }];
  });
  // `/{Bucket}?policy` says more than `/{Bucket}`.
  return fitting.sort((a, b) => b.rank - a.rank)[0] ?? null;
}

// PutObject and CopyObject share a path; the header that only one needs tells them apart.
function hasItsHeaders(model: ServiceModel, ref: ShapeRef | undefined, request: IncomingMessage): boolean {
  if (ref === undefined) return true;
  const { required = [], members = {} } = shapeOf(model, ref) as {
    required?: string[];
    members?: Record<string, Ref>;
  };
  return required.every((name) => {
    const member = members[name];
    return (
      member?.location !== 'header' ||
      request.headers[(member.locationName ?? name).toLowerCase()] !== undefined
    );
  });
}

function placedText(
  ref: Ref,
  wire: string,
  labels: ReadonlyMap<string, string>,
  url: URL,
  request: IncomingMessage,
): string | undefined {
  if (ref.location === 'uri') return labels.get(wire);
  if (ref.location === 'querystring') return url.searchParams.get(wire) ?? undefined;
  if (ref.location === 'header') return request.headers[wire.toLowerCase()] as string | undefined;
  return undefined;
}

export function writeRestXml(
  model: ServiceModel,
  operation: string,
  output: Record<string, unknown>,
): { headers: Record<string, string>; body: string } {
  const ref = model.operations[operation]?.output;
  if (ref === undefined) return { headers: {}, body: '' };
  const shape = shapeOf(model, ref) as { members?: Record<string, Ref>; payload?: string };
  const headers: Record<string, string> = {};
  for (const [member, inner] of Object.entries(shape.members ?? {}))
    if (inner.location === 'header' && output[member] !== undefined)
      headers[inner.locationName ?? member] = String(output[member]);
  if (shape.payload !== undefined) {
    const payload = shape.members?.[shape.payload];
    const value = output[shape.payload];
    if (payload === undefined || value === undefined) return { headers, body: '' };
    if (shapeOf(model, payload).type !== 'structure') return { headers, body: String(value) };
    return { headers, body: element(model, payload, payload.locationName ?? shape.payload, value) };
  }
  const members = Object.entries(shape.members ?? {}).filter(([, inner]) => inner.location === undefined);
  if (members.length === 0) return { headers, body: '' };
  const text = members.map(([name, inner]) => memberXml(model, name, inner, output[name])).join('');
  return { headers, body: `<${ref.locationName ?? ref.shape}>${text}</${ref.locationName ?? ref.shape}>` };
}

function labelsOf(requestUri: string, url: URL): Map<string, string> | null {
  const [path = '', query = ''] = requestUri.split('?');
  for (const part of query.split('&').filter(Boolean)) {
    const [key = '', value] = part.split('=');
    if (!url.searchParams.has(key) || (value !== undefined && url.searchParams.get(key) !== value))
      return null;
  }
  const names: string[] = [];
  const pattern = path.replace(/\{(\w+)(\+?)\}/g, (_, name: string, greedy: string) => {
    names.push(name);
    return greedy === '' ? '([^/]+)' : '(.+)';
  });
  const match = new RegExp(`^${pattern}/?$`).exec(url.pathname);
  return match && new Map(names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]));
}

function rankOf(requestUri: string): number {
  const [path = '', query = ''] = requestUri.split('?');
  return query.split('&').filter(Boolean).length * 10 + path.split('/').length;
}

interface Node {
  readonly name: string;
  readonly text: string;
  readonly children: readonly Node[];
}

// Enough for what an SDK sends: no CDATA, no comments, attributes are passed over.
function parseXml(xml: string): Node {
  const root: { name: string; text: string; children: Node[] } = { name: '', text: '', children: [] };
  const stack = [root];
  for (const [, close, name = '', isEmpty, text] of xml.matchAll(/<(\/?)([\w:]+)[^>]*?(\/?)>|([^<]+)/g)) {
    const top = stack.at(-1)!;
    if (text !== undefined) top.text += unescaped(text);
    else if (close) stack.pop();
    else if (name !== 'xml') {
      const node = { name, text: '', children: [] };
      top.children.push(node);
      if (!isEmpty) stack.push(node);
    }
  }
  return root.children[0] ?? root;
}

function fromXml(model: ServiceModel, ref: ShapeRef, node: Node): unknown {
  const shape = shapeOf(model, ref);
  if (shape.type !== 'structure') return scalar(node.text, shape.type);
  const value: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(shape.members ?? {})) {
    const innerShape = shapeOf(model, inner);
    const isFlat = innerShape.flattened || inner.flattened;
    const own = node.children.filter((child) => child.name === (inner.locationName ?? name));
    if (own.length === 0) continue;
    if (innerShape.type !== 'list') value[name] = fromXml(model, inner, own[0]!);
    else {
      const items = isFlat ? own : own[0]!.children;
      value[name] = items.map((item) => fromXml(model, innerShape.member!, item));
    }
  }
  const known = new Set(
    Object.entries(shape.members ?? {}).map(([name, inner]) => inner.locationName ?? name),
  );
  for (const child of node.children) if (!known.has(child.name)) value[child.name] = child.text;
  return value;
}

function scalar(text: string, type: string): unknown {
  if (type === 'integer' || type === 'long') return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}

function memberXml(model: ServiceModel, name: string, ref: Ref, value: unknown): string {
  if (value === undefined) return '';
  const shape = shapeOf(model, ref);
  const tag = ref.locationName ?? name;
  if (shape.type !== 'list') return element(model, ref, tag, value);
  const isFlat = shape.flattened || ref.flattened;
  const itemTag = isFlat ? tag : (shape.member?.locationName ?? 'member');
  const items = (value as unknown[]).map((item) => element(model, shape.member!, itemTag, item)).join('');
  return isFlat ? items : `<${tag}>${items}</${tag}>`;
}

function element(model: ServiceModel, ref: ShapeRef, tag: string, value: unknown): string {
  const shape = shapeOf(model, ref);
  if (shape.type !== 'structure') {
    const text = value instanceof Date ? value.toISOString() : String(value);
    return `<${tag}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${tag}>`;
  }
  const inner = Object.entries(shape.members ?? {})
    .map(([name, member]) => memberXml(model, name, member, (value as Record<string, unknown>)[name]))
    .join('');
  return `<${tag}>${inner}</${tag}>`;
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
