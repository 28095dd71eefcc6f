import { Kysely, MysqlDialect, type MysqlPoolConnection, sql } from 'kysely';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { HoldingConnection } from '../../../src/orchestrator/store/held-statements.js';
import { createTrust, unhurried, watchAnswers } from '../../../src/orchestrator/store/trusted-connections.js';

type Answer = (error: unknown, result: unknown) => void;

const LIMIT_MS = 35_000;

function deafConnection() {
  const answers: Answer[] = [];
  const calls: string[] = [];
  const raw = {
    query: (_text: string, _parameters: unknown, answer: Answer) => answers.push(answer),
    release: () => calls.push('released'),
    destroy: () => calls.push('destroyed'),
    stream: { destroy: () => calls.push('socket destroyed') },
  };
  const trust = createTrust();
  const watched = watchAnswers(raw as unknown as HoldingConnection, trust, LIMIT_MS);
  return { watched, trust, answers, calls };
}

function ask(connection: MysqlPoolConnection, text: string) {
  const told: [unknown, unknown][] = [];
  connection.query(text, [], (error: unknown, result: unknown) => told.push([error, result]));
  return told;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives a connection up that says nothing, tells so once, and trusts no older one', () => {
  const { watched, trust, answers, calls } = deafConnection();
  const told = ask(watched, 'commit');
  vi.advanceTimersByTime(LIMIT_MS - 1);
  expect([told, calls, trust.losses]).toEqual([[], [], 0]);
  vi.advanceTimersByTime(1);
  expect(told).toMatchObject([[{ code: 'PROTOCOL_SEQUENCE_TIMEOUT', fatal: true }, undefined]]);
  expect(calls).toEqual(['destroyed', 'socket destroyed']);
  expect(trust.losses).toBe(1);
  answers[0]?.(null, []);
  expect(told).toHaveLength(1);
});

it('hands on an answer that comes in time, and refusals that say nothing of the connection', () => {
  const { watched, trust, answers, calls } = deafConnection();
  const told = [...['select 1', 'insert'].map((text) => ask(watched, text))];
  answers[0]?.(null, [{ one: 1 }]);
  answers[1]?.({ errno: 1062 }, undefined);
  vi.advanceTimersByTime(10 * LIMIT_MS);
  expect(told.flat()).toEqual([
    [null, [{ one: 1 }]],
    [{ errno: 1062 }, undefined],
  ]);
  expect([calls, trust.losses]).toEqual([[], 0]);
});

it.each([1290, 1792, 1836])('gives a connection up that refuses to write with %i', (errno) => {
  const { watched, trust, answers, calls } = deafConnection();
  const told = ask(watched, 'update');
  answers[0]?.({ errno }, undefined);
  expect(told).toEqual([[{ errno }, undefined]]);
  expect(calls).toContain('destroyed');
  expect(trust.losses).toBe(1);
});

it('lets a statement take its time that is marked so', () => {
  const { watched, answers, calls } = deafConnection();
  const db = new Kysely<Record<string, never>>({ dialect: new MysqlDialect({ pool: null as never }) });
  const told = ask(watched, unhurried(sql`alter table a add column b integer`).compile(db).sql);
  vi.advanceTimersByTime(100 * LIMIT_MS);
  expect(calls).toEqual([]);
  answers[0]?.(null, []);
  expect(told).toEqual([[null, []]]);
});
