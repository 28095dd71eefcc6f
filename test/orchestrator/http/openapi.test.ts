import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../src/orchestrator/http/openapi.js';
import { CONTRACTS, type Contract } from '../../../src/protocol/contracts.js';
import { ROUTES, type Route, type RouteId } from '../../../src/protocol/routes.js';

interface Operation {
  operationId: string;
  'x-permission': string;
  security: object[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { required: boolean; content: Record<string, { schema: object }> };
  responses: Record<string, { description?: string; $ref?: string; content?: object }>;
}

const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as {
  openapi: string;
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object; securitySchemes: object; responses: object };
};
const rows = Object.entries(ROUTES) as [RouteId, Route][];

describe('the OpenAPI document', () => {
  it('says what it is', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
    expect(Object.keys(document.components.securitySchemes)).toEqual(['person', 'runner']);
  });

  it.each(rows)('has %s as the table has it', (id, route) => {
    const operation = document.paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method.toLowerCase()];
    const contract: Contract = CONTRACTS[id];
    expect(operation).toMatchObject({ operationId: id, 'x-permission': route.access });
    expect(operation?.security.length).toBe(route.access === 'public' ? 0 : 1);
    expect(Object.keys(operation?.responses ?? {})).toEqual([String(route.status ?? 200), 'default']);
    expect(operation?.requestBody !== undefined).toBe(contract.body !== undefined);
    const path = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(path.map(({ name }) => name).sort()).toEqual(Object.keys(contract.params?.shape ?? {}).sort());
    expect(path.every(({ required }) => required)).toBe(true);
  });

  it('has no other operation, and no reference that leads nowhere', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations).toHaveLength(rows.length);
    for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)) {
      expect(reference).toMatch(/^#\//);
      const target = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      expect(target, reference).toBeDefined();
    }
  });

  it('gives examples of ids, and marks what has a default as optional', () => {
    expect(JSON.stringify(document.paths['/api/v1/jobs/{id}'])).toContain('"examples":["01J');
    const start = document.paths['/api/v1/jobs']?.['post']?.requestBody?.content['application/json']?.schema;
    expect(start).toMatchObject({ required: ['process'], additionalProperties: false });
    const names = (document.paths['/api/v1/jobs']?.['post']?.parameters ?? []).map(({ name }) => name);
    expect(names).toEqual(['Idempotency-Key']);
  });
});
