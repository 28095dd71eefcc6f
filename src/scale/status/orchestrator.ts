/** Asks the orchestrator how it is, as any visitor may: /healthz, /readyz, /metrics. */
import type { Known } from '../../kernel/known.js';
import { SECOND } from '../../kernel/time.js';
import { METRICS } from '../../protocol/metrics.js';
import type { HttpAnswer, NodeFacts, OrchestratorFacts, QueueFacts } from './facts.js';

export interface OrchestratorAccess {
  /** Origin, without a slash at the end. */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** The nodes, where there is a key that may list them. */
  readonly nodes: () => Promise<Known<readonly NodeFacts[]>>;
}

const WITHIN = 10 * SECOND;
/** A scrape of a large installation; more is not ours. */
const MOST_BYTES = 4 * 2 ** 20;

export async function askOrchestrator(access: OrchestratorAccess): Promise<OrchestratorFacts> {
  const [health, ready, metrics, nodes] = await Promise.all([
    ask(access, '/healthz'),
    ask(access, '/readyz'),
    ask(access, '/metrics'),
    access.nodes(),
  ]);
  const { body: _, ...healthAnswer } = health;
  const { body, ...readyAnswer } = ready;
  return {
    url: access.url,
    health: healthAnswer,
    ready: { ...readyAnswer, checks: checksOf(body) },
    queue: metrics.status === 200 ? queueOf(metrics.body) : null,
    nodes,
  };
}

async function ask(
  { url, fetch: send, clock }: OrchestratorAccess,
  path: string,
): Promise<HttpAnswer & { body: string }> {
  const began = clock();
  try {
    const response = await send(`${url}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(WITHIN) });
    const body = await textOf(response);
    return { status: response.status, failure: null, tookMs: clock() - began, body };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const { code, message } = cause as { code?: unknown; message?: string };
    const failure = typeof code === 'string' ? code : (message ?? 'no answer');
    return { status: null, failure, tookMs: clock() - began, body: '' };
  }
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MOST_BYTES) break;
  }
  return text;
}

function checksOf(body: string): Record<string, boolean> | null {
  try {
    const { checks } = JSON.parse(body) as { checks?: Record<string, { verdict?: unknown }> };
    if (typeof checks !== 'object' || checks === null) return null;
    return Object.fromEntries(
      Object.entries(checks).map(([name, check]) => [name, check.verdict === 'pass']),
    );
  } catch {
    return null;
  }
}

/** Sums and the oldest over all pools; null where the text has no such metric (the database was away). */
function queueOf(text: string): QueueFacts | null {
  const depth = samplesOf(text, METRICS.QueueDepth.prometheus);
  const oldest = samplesOf(text, METRICS.OldestQueuedSeconds.prometheus);
  const online = samplesOf(text, METRICS.RunnersOnline.prometheus);
  if (depth.length === 0 && online.length === 0) return null;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { depth: sum(depth), oldestSeconds: Math.max(0, ...oldest), runnersOnline: sum(online) };
}

/** Values of one metric in Prometheus' text format. */
function samplesOf(text: string, metric: string): number[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith(metric) || !/[{ ]/.test(line[metric.length] ?? '')) return [];
    const value = Number(/\s(\S+)(?:\s+\d+)?$/.exec(line)?.[1]);
    return Number.isFinite(value) ? [value] : [];
  });
}
