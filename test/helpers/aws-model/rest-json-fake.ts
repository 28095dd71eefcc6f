/** A strict fake of AWS services that speak REST-JSON: requests and replies are checked against AWS's own models. */
import { createServer, type IncomingMessage } from 'node:http';
import { shapeProblems } from './check-shape.js';
import { AwsFault } from './fake-aws.js';
import { type ServiceModel, type ShapeRef, serviceModel, shapeOf } from './service-model.js';

/** By `service:Operation`; input and output have the model's member names. */
export type RestHandlers = Record<
  string,
  (input: Record<string, unknown>, from: { readonly account: string; readonly region: string }) => unknown
>;

export interface RestJsonFake {
  readonly url: string;
  readonly calls: { readonly call: string; readonly input: Record<string, unknown> }[];
  readonly problems: string[];
  close(): Promise<void>;
}

interface HttpTrait {
  readonly method: string;
  readonly requestUri: string;
}

export async function startRestJsonFake(
  services: readonly string[],
  handlers: RestHandlers,
): Promise<RestJsonFake> {
  const calls: RestJsonFake['calls'] = [];
  const problems: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const reply = answer(request, Buffer.concat(chunks).toString('utf8'));
      response
        .writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
        .end(reply.body);
    });
  });

  function answer(
    request: IncomingMessage,
    body: string,
  ): { status: number; headers?: Record<string, string>; body: string } {
    const service =
      /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if (service === 'sts') return answerSts(request, body, calls);
    if (!services.includes(service)) return { status: 403, body: '{}' };
    const model = serviceModel(service);
    const found = findOperation(model, request.method ?? '', new URL(request.url ?? '/', 'http://fake'));
    if (found === null) {
      problems.push(`${service}: no operation for ${request.method} ${request.url}`);
      return { status: 404, body: '{}' };
    }
    const operation = model.operations[found.name]!;
    const wire = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
    const input = { ...(fromWire(model, operation.input!, wire) as object), ...found.input } as Record<
      string,
      unknown
    >;
    const call = `${service}:${found.name}`;
    calls.push({ call, input });
    problems.push(
      ...shapeProblems(model, operation.input!, input).map((problem) => `${call} request: ${problem}`),
    );
    const handler = handlers[call];
    if (handler === undefined) {
      problems.push(`${call}: no handler`);
      return { status: 500, body: '{}' };
    }
    try {
      const output = handler(input, { account: callerOf(request), region: regionOf(request) });
      return reply(model, operation.output, output, call);
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      return {
        status: error.status,
        headers: { 'x-amzn-errortype': error.code },
        body: JSON.stringify({ message: error.message }),
      };
    }
  }

  function reply(model: ServiceModel, shape: ShapeRef | undefined, output: unknown, call: string) {
    // Some operations answer with nothing at all.
    if (shape === undefined) return { status: 200, body: '' };
    problems.push(...shapeProblems(model, shape, output).map((problem) => `${call} reply: ${problem}`));
    return { status: 200, body: JSON.stringify(toWire(model, shape, output)) };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    calls,
    problems,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

const STS = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

/** The account that the caller belongs to: the fake's own, or that of the role which was assumed. */
function answerSts(
  request: IncomingMessage,
  body: string,
  calls: RestJsonFake['calls'],
): { status: number; headers: Record<string, string>; body: string } {
  const form = new URLSearchParams(body);
  const action = form.get('Action') ?? '';
  const reply = (inner: string) => ({
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<${action}Response ${STS}><${action}Result>${inner}</${action}Result></${action}Response>`,
  });
  if (action === 'AssumeRole') {
    const arn = form.get('RoleArn') ?? '';
    const account = arn.split(':')[4] ?? '';
    calls.push({ call: 'sts:AssumeRole', input: { RoleArn: arn } });
    return reply(
      `<Credentials><AccessKeyId>ASIA${account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials><AssumedRoleUser><Arn>${arn}</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>`,
    );
  }
  const account = callerOf(request);
  return reply(`<Arn>arn:aws:iam::${account}:user/t</Arn><UserId>U</UserId><Account>${account}</Account>`);
}

/** Who signed a request, by the access key that {@link answerSts} gave out. */
function callerOf(request: IncomingMessage): string {
  return /Credential=ASIA(\d{12})\//.exec(request.headers.authorization ?? '')?.[1] ?? '111122223333';
}

function regionOf(request: IncomingMessage): string {
  return /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** Path parameters and query by their location names, turned into member names. */
function findOperation(
  model: ServiceModel,
  method: string,
  url: URL,
): { name: string; input: Record<string, unknown> } | null {
  for (const [name, operation] of Object.entries(model.operations)) {
    const http = (operation as unknown as { http: HttpTrait }).http;
    if (http.method !== method) continue;
    const names: string[] = [];
    const pattern = http.requestUri
      .split('?')[0]!
      .replace(/\/$/, '')
      .replace(/\{([^}]+)\}/g, (_, label: string) => {
        names.push(label);
        return '([^/]+)';
      });
    const match = new RegExp(`^${pattern}/?$`).exec(url.pathname);
    if (match === null) continue;
    const labels = new Map(names.map((label, at) => [label, decodeURIComponent(match[at + 1] ?? '')]));
    return { name, input: placedInput(model, operation.input!, labels, url) };
  }
  return null;
}

function placedInput(
  model: ServiceModel,
  ref: ShapeRef,
  labels: ReadonlyMap<string, string>,
  url: URL,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [member, inner] of Object.entries(shapeOf(model, ref).members ?? {})) {
    const { location } = inner as ShapeRef & { location?: string };
    const wireName = inner.locationName ?? member;
    const query = location === 'querystring' ? url.searchParams.get(wireName) : null;
    if (location === 'uri') input[member] = labels.get(wireName);
    else if (query !== null) input[member] = typed(query, shapeOf(model, inner).type);
  }
  return input;
}

function typed(text: string, type: string): unknown {
  if (type === 'integer') return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}

/** Wire names to member names; a name that the model lacks stays, so that the check reports it. */
function fromWire(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  const shape = shapeOf(model, ref);
  if (shape.document === true) return value;
  if (shape.type === 'list' && Array.isArray(value))
    return value.map((item) => fromWire(model, shape.member!, item));
  if (shape.type === 'map') return mapObject(value, (item) => fromWire(model, shape.value!, item));
  if (shape.type !== 'structure' || typeof value !== 'object' || value === null) return value;
  const byWire = new Map(
    Object.entries(shape.members ?? {}).map(([name, member]) => [
      member.locationName ?? name,
      [name, member] as const,
    ]),
  );
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const known = byWire.get(key);
      return known === undefined ? [key, item] : [known[0], fromWire(model, known[1], item)];
    }),
  );
}

function toWire(model: ServiceModel, ref: ShapeRef, value: unknown): unknown {
  const shape = shapeOf(model, ref);
  if (shape.document === true) return value;
  if (value instanceof Date)
    return (shape as { timestampFormat?: string }).timestampFormat === 'iso8601'
      ? value.toISOString()
      : value.getTime() / 1000;
  if (shape.type === 'list' && Array.isArray(value))
    return value.map((item) => toWire(model, shape.member!, item));
  if (shape.type === 'map') return mapObject(value, (item) => toWire(model, shape.value!, item));
  if (shape.type !== 'structure' || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([name, item]) => {
        const member = shape.members?.[name];
        return member === undefined
          ? [name, item]
          : [member.locationName ?? name, toWire(model, member, item)];
      }),
  );
}

function mapObject(value: unknown, map: (item: unknown) => unknown): unknown {
  return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, map(item)]));
}
