/** What is not in the tables: 404, or 405 with Allow where only the method is wrong. */
import type { FastifyInstance } from 'fastify';
import { ROUTES, type Route } from '../../protocol/routes.js';
import { BROWSER_PATHS } from './browser-routes.js';
import { pathOf } from './lifetime.js';
import { PROBLEM_TYPE, problem } from './problem.js';
import { SYSTEM_PATHS } from './system-routes.js';

export function answerUnknownRoutes(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsAt(pathOf(request.url));
    if (allowed.length === 0) {
      const hint = '/openapi.json lists every address of the API.';
      return reply
        .code(404)
        .type(PROBLEM_TYPE)
        .send(problem(404, 'ROC_NOT_FOUND', 'there is nothing at this address', hint, request.id));
    }
    const hint = `This address takes ${allowed.join(', ')}.`;
    return reply
      .code(405)
      .header('allow', allowed.join(', '))
      .type(PROBLEM_TYPE)
      .send(problem(405, 'ROC_USAGE', 'this address does not take that method', hint, request.id));
  });
}

const PATTERNS = [
  ...Object.values<Route>(ROUTES).map(({ method, path }) => ({
    methods: [method as string],
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`),
  })),
  ...BROWSER_PATHS.map((path) => ({
    methods: path === '/account' ? ['GET', 'POST'] : ['GET'],
    pattern: new RegExp(`^${path}$`),
  })),
  ...SYSTEM_PATHS.map((path) => ({
    methods: ['GET', 'HEAD'],
    pattern: new RegExp(`^${path.replaceAll('.', '\\.')}$`),
  })),
];

function methodsAt(path: string): string[] {
  const methods = PATTERNS.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
  return [...new Set(methods)].sort();
}
