/** A strict fake of AWS: handlers answer by operation, each request and reply is checked against AWS's own model. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { shapeProblems } from './check-shape.js';
import { errorXml, readForm, writeXml } from './query-protocol.js';
import { type ServiceModel, serviceModel } from './service-model.js';

/** By `service:Operation`; throws {@link AwsFault} to answer with an error. */
export type FakeHandlers = Record<string, (input: Record<string, never>) => unknown>;

export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface FakeAws {
  /** `service:Operation` of each call so far. */
  readonly calls: string[];
  /** What did not fit the model; a test ends with `expect(fake.problems).toEqual([])`. */
  readonly problems: string[];
  handlers: FakeHandlers;
  /** Answers one request; for a server that has other paths too. */
  handle(request: IncomingMessage, body: Buffer): { status: number; type: string; body: string };
}

export interface RunningFakeAws extends FakeAws {
  readonly url: string;
  close(): Promise<void>;
}

export function createFakeAws(handlers: FakeHandlers): FakeAws {
  const fake: FakeAws = {
    calls: [],
    problems: [],
    handlers,
    handle(request, body) {
      const scope = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(
        request.headers.authorization ?? '',
      );
      const service = SIGNING_NAMES[scope?.[1] ?? ''] ?? scope?.[1] ?? '';
      if (service === '') return { status: 403, type: 'text/plain', body: 'unsigned' };
      return answer(fake, service, serviceModel(service), request, body);
    },
  };
  return fake;
}

/** The fake as a server of its own on a free port of the loopback interface. */
export async function startFakeAws(handlers: FakeHandlers): Promise<RunningFakeAws> {
  const fake = createFakeAws(handlers);
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const reply = fake.handle(request, Buffer.concat(chunks));
      response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return Object.assign(fake, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}

/** Where the name in the signature is not the name of the model's folder. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  elasticloadbalancing: 'elbv2',
  monitoring: 'cloudwatch',
  servicequotas: 'service-quotas',
};

function answer(fake: FakeAws, service: string, model: ServiceModel, request: IncomingMessage, body: Buffer) {
  // Some services speak several protocols, and their clients choose.
  const isJson = request.headers['x-amz-target'] !== undefined;
  const form = isJson ? null : new URLSearchParams(body.toString('utf8'));
  const operation = form?.get('Action') ?? String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
  const call = `${service}:${operation}`;
  fake.calls.push(call);
  const failure = (code: string, message: string, status: number) => ({
    status,
    type: isJson ? jsonType(request) : 'text/xml',
    body: isJson ? JSON.stringify({ __type: code, message }) : errorXml(model, code, message),
  });
  const known = model.operations[operation];
  const handler = fake.handlers[call];
  if (known === undefined || handler === undefined) {
    fake.problems.push(`${call}: ${known === undefined ? 'no such operation' : 'no handler'}`);
    return failure('UnknownOperationException', call, 400);
  }
  try {
    const input =
      form === null
        ? (JSON.parse(body.toString('utf8') || '{}') as unknown)
        : readForm(model, known.input, form);
    if (known.input) note(fake, `${call} request`, shapeProblems(model, known.input, input));
    const output = handler(input as Record<string, never>) ?? {};
    if (known.output) note(fake, `${call} reply`, shapeProblems(model, known.output, output));
    const text = isJson ? JSON.stringify(output, jsonTime) : writeXml(model, operation, output);
    return { status: 200, type: isJson ? jsonType(request) : 'text/xml', body: text };
  } catch (error) {
    if (error instanceof AwsFault) return failure(error.code, error.message, error.status);
    fake.problems.push(`${call}: ${String(error)}`);
    return failure('InternalFailure', String(error), 500);
  }
}

function jsonType(request: IncomingMessage): string {
  return request.headers['content-type'] ?? 'application/x-amz-json-1.1';
}

function note(fake: FakeAws, what: string, problems: readonly string[]): void {
  for (const problem of problems) fake.problems.push(`${what}: ${problem}`);
}

// The JSON protocol writes times as seconds; toJSON has made them text before a replacer sees them.
function jsonTime(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const raw = this[key];
  return raw instanceof Date ? raw.getTime() / 1000 : value;
}
