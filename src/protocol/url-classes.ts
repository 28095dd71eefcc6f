/** Which class each URL belongs to: the server's limits, the load balancer's rules and the WAF's exceptions come from here. */

export type UrlClass = 'api' | 'runner' | 'upload' | 'logs' | 'sse' | 'hooks' | 'console';

export interface UrlClassRule {
  readonly class: UrlClass;
  /** Path patterns in which `*` stands for any characters, as an ALB path condition reads them. First match wins. */
  readonly patterns: readonly string[];
}

/** In order: the first rule with a matching pattern decides. */
const URL_CLASS_RULES: readonly UrlClassRule[] = [
  { class: 'logs', patterns: ['/api/v1/runner/jobs/*/logs'] },
  { class: 'runner', patterns: ['/api/v1/runner/*'] },
  { class: 'sse', patterns: ['/api/v1/jobs/*/events'] },
  {
    class: 'upload',
    patterns: ['/api/v1/robots/*/versions/*/content', '/api/v1/audit/export', '/api/v1/evidence'],
  },
  { class: 'hooks', patterns: ['/api/v1/hooks/*'] },
  {
    class: 'api',
    patterns: ['/api/*', '/healthz', '/readyz', '/metrics', '/openapi.json', '/.well-known/*'],
  },
  { class: 'console', patterns: ['*'] },
];

/** Routes of the api class whose bodies carry people's data: queue items and assets may hold any text. */
const PEOPLES_DATA = ['/api/v1/queues/*', '/api/v1/items/*', '/api/v1/assets/*'];

/** Paths whose bodies a WAF may look into and count, but never block. */
export function uninspectedPatterns(): string[] {
  const exempt = URL_CLASS_RULES.filter((rule) => !URL_CLASS_LIMITS[rule.class].inspectBody);
  return [...exempt.flatMap(({ patterns }) => patterns), ...PEOPLES_DATA];
}

/** Paths whose requests are held on purpose: long polls and streams. */
export function heldPatterns(): string[] {
  const held = URL_CLASS_RULES.filter((rule) => URL_CLASS_LIMITS[rule.class].isHeld);
  return held.flatMap(({ patterns }) => patterns);
}

/** Paths that runners ask for with a credential of their own. */
export const RUNNER_PREFIX = '/api/v1/runner/';

export interface UrlClassLimits {
  /** Largest request body in bytes; a bigger one is refused with 413. */
  readonly bodyBytes: number;
  /** Milliseconds a request may take before the server gives up on it; 0 where it is held on purpose. */
  readonly requestTimeoutMs: number;
  /** Held requests (long polls, streams) never count as latency or as demand. */
  readonly isHeld: boolean;
  /** Whether the WAF's body rules may block; off where bodies carry robots, log lines or people's data. */
  readonly inspectBody: boolean;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const URL_CLASS_LIMITS: Readonly<Record<UrlClass, UrlClassLimits>> = {
  api: { bodyBytes: MIB, requestTimeoutMs: 30_000, isHeld: false, inspectBody: true },
  runner: { bodyBytes: 2 * MIB, requestTimeoutMs: 0, isHeld: true, inspectBody: false },
  upload: { bodyBytes: 512 * MIB, requestTimeoutMs: 0, isHeld: false, inspectBody: false },
  logs: { bodyBytes: 2 * MIB, requestTimeoutMs: 30_000, isHeld: false, inspectBody: false },
  sse: { bodyBytes: 0, requestTimeoutMs: 0, isHeld: true, inspectBody: true },
  hooks: { bodyBytes: 256 * KIB, requestTimeoutMs: 10_000, isHeld: false, inspectBody: true },
  console: { bodyBytes: 0, requestTimeoutMs: 30_000, isHeld: false, inspectBody: true },
};

/** The class of a path (no query string). */
export function urlClassOf(path: string): UrlClass {
  const rule = URL_CLASS_RULES.find(({ patterns }) => patterns.some((pattern) => matches(pattern, path)));
  return rule?.class ?? 'console';
}

function matches(pattern: string, path: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return path === pattern;
  if (!path.startsWith(head)) return false;
  let at = head.length;
  for (const [index, part] of rest.entries()) {
    const isLast = index === rest.length - 1;
    const found = isLast ? (path.endsWith(part) ? path.length - part.length : -1) : path.indexOf(part, at);
    if (found < at) return false;
    at = found + part.length;
  }
  return true;
}
