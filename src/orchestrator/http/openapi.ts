/** The OpenAPI 3.1 document, made from the route table and the contracts that validate. */
import { z } from 'zod';
import { CONTRACTS, type Contract } from '../../protocol/contracts.js';
import { ROUTES, type Route, type RouteId } from '../../protocol/routes.js';
import { problemSchema } from '../../protocol/schemas.js';
import { takesIdempotencyKey } from './idempotency.js';
import { PROBLEM_TYPE } from './problem.js';

type Json = Record<string, unknown>;

export function openApiDocument(version: string): Json {
  const paths: Record<string, Json> = {};
  for (const id of Object.keys(ROUTES) as RouteId[]) {
    const route: Route = ROUTES[id];
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(id, route, CONTRACTS[id]) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'roc',
      version,
      summary: 'Orchestrator of an RPA platform',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(Object.keys(ROUTES).map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: jsonSchema(problemSchema, 'output') },
      securitySchemes: {
        person: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Access token of a person',
        },
        runner: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Access token of a runner',
        },
      },
      responses: {
        Problem: {
          description: 'What was wrong, and what to do next (RFC 9457)',
          content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operation(id: RouteId, route: Route, contract: Contract): Json {
  const parameters = [
    ...parametersIn('path', contract.params),
    ...parametersIn('query', contract.query),
    ...(takesIdempotencyKey(route) ? [IDEMPOTENCY_KEY] : []),
  ];
  return {
    operationId: id,
    tags: [tagOf(id)],
    summary: route.summary,
    security: route.access === 'public' ? [] : [{ [route.access === 'runner' ? 'runner' : 'person']: [] }],
    'x-permission': route.access,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(contract.body === undefined ? {} : { requestBody: requestBody(contract.body) }),
    responses: {
      [String(route.status ?? 200)]: response(contract.reply),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same request is answered once',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' },
};

function parametersIn(place: 'path' | 'query', schema: z.ZodObject | undefined): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function requestBody(body: NonNullable<Contract['body']>): Json {
  if (body === 'stream') return { required: true, content: { 'application/zip': { schema: {} } } };
  const schema = jsonSchema(body, 'input');
  const required = ((schema['required'] as string[] | undefined) ?? []).length > 0;
  return { required, content: { 'application/json': { schema } } };
}

function response(reply: Contract['reply']): Json {
  if (reply === 'empty') return { description: 'Done' };
  if (reply === 'stream')
    return { description: 'The bytes', content: { 'application/octet-stream': { schema: {} } } };
  if (reply === 'sse') {
    return { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } } } };
  }
  return { description: 'Done', content: { 'application/json': { schema: jsonSchema(reply, 'output') } } };
}

/** 3.1 speaks JSON Schema 2020-12 as it is; the dialect line of each fragment would only repeat it. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const {
    $schema: _,
    '~standard': __,
    ...json
  } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: node }) => {
      if (node.pattern === ULID_PATTERN) node.examples = ['01JA9V3R8WZQK4T6E5M2N7X0CB'];
    },
  }) as Json;
  return json;
}

const ULID_PATTERN = '^[0-9A-HJKMNP-TV-Z]{26}$';

function tagOf(id: string): string {
  return id.split('.', 1)[0] ?? id;
}
