/** Replies of the API as a server could give them, with what a test does not care about filled in. */
import type { ReplyOf } from '../../src/protocol/contracts.js';

export type Job = ReplyOf<'jobs.start'>;
export type Version = ReplyOf<'versions.show'>;

const AT = '2026-03-01T12:00:00.000Z';

/** A ULID that a person can tell from the next one. */
export function sampleId(n: number): string {
  return `01J${String(n).padStart(23, '0')}`;
}

export function sampleJob(overrides: Partial<Job> = {}): Job {
  return {
    id: sampleId(1),
    project: 'default',
    process: 'invoice-totals',
    robot: 'invoice-totals',
    version: '1.0.0',
    environment: 'dev',
    pool: 'default',
    state: 'queued',
    attempt: 0,
    maxAttempts: 1,
    epoch: 0,
    priority: 5,
    onLost: 'retry',
    input: null,
    output: null,
    error: null,
    progress: null,
    runner: null,
    retryOf: null,
    createdBy: 'admin@localhost',
    createdAt: AT,
    runAt: AT,
    startedAt: null,
    finishedAt: null,
    ...overrides,
  };
}

/** The same job at its good end. */
export function succeededJob(overrides: Partial<Job> = {}): Job {
  return sampleJob({
    state: 'succeeded',
    attempt: 1,
    epoch: 1,
    runner: 'ada-1',
    output: { total: 42 },
    startedAt: '2026-03-01T12:00:01.000Z',
    finishedAt: '2026-03-01T12:00:03.500Z',
    ...overrides,
  });
}

export function sampleVersion(overrides: Partial<Version> = {}): Version {
  return {
    id: sampleId(2),
    project: 'default',
    robot: 'invoice-totals',
    version: '1.0.0',
    state: 'published',
    digest: `sha256:${'a'.repeat(64)}`,
    sha256: 'b'.repeat(64),
    sizeBytes: 2048,
    entrypoint: ['node', 'main.mjs'],
    platforms: ['linux', 'macos', 'windows'],
    inputs: null,
    timeoutMs: 60_000,
    idempotent: true,
    assets: [],
    description: null,
    signedBy: null,
    createdBy: 'admin@localhost',
    createdAt: AT,
    ...overrides,
  };
}

export function sampleSession(overrides: Partial<ReplyOf<'auth.login'>> = {}): ReplyOf<'auth.login'> {
  return {
    accessToken: 'token-of-ada',
    expiresAt: '2099-01-01T00:00:00.000Z',
    refreshToken: 'refresh-of-ada',
    user: { id: sampleId(3), email: 'ada@example.com' },
    tenant: 'default',
    ...overrides,
  };
}

export function logLine(
  seq: number,
  text: string,
  overrides: Partial<ReplyOf<'jobs.logs'>['items'][number]> = {},
) {
  return { attempt: 1, seq, at: AT, stream: 'stdout' as const, text, ...overrides };
}

export function page<T>(
  items: T[],
  nextCursor: string | null = null,
): { items: T[]; nextCursor: string | null } {
  return { items, nextCursor };
}
