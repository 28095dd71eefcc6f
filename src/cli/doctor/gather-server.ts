/** What a server says of itself and of the time, without signing in. */
import { SECOND } from '../../kernel/time.js';
import { messageOf } from './gather-host.js';
import type { ServerFacts } from './model.js';

const WITHIN = 10 * SECOND;

export async function gatherServer(url: string, now: () => number = Date.now): Promise<ServerFacts> {
  const before = now();
  const silent = { url, clockOffsetMs: null, parts: null };
  try {
    const response = await fetch(`${url}/readyz`, { redirect: 'error', signal: AbortSignal.timeout(WITHIN) });
    const middle = (before + now()) / 2;
    const date = Date.parse(response.headers.get('date') ?? '');
    const parts = partsOf(await response.json().catch(() => null));
    if (parts === null) return { ...silent, error: `answers ${response.status}, but not as roc does` };
    return { url, error: null, clockOffsetMs: Number.isNaN(date) ? null : date - middle, parts };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { ...silent, error: messageOf(cause) || String((cause as { code?: unknown }).code) };
  }
}

function partsOf(body: unknown): ServerFacts['parts'] {
  const checks = (body as { checks?: unknown } | null)?.checks;
  if (typeof checks !== 'object' || checks === null) return null;
  return Object.fromEntries(
    Object.entries(checks as Record<string, { verdict?: unknown; message?: unknown }>).map(
      ([name, check]) => [name, { isReady: check.verdict === 'pass', message: String(check.message ?? '') }],
    ),
  );
}
