import { describe, expect, it } from 'vitest';
import { CONTRACTS, type Contract } from '../../src/protocol/contracts.js';
import { canFollow, isTerminal, JOB_STATE_NAMES, JOB_STATES } from '../../src/protocol/job-states.js';
import { PERMISSIONS } from '../../src/protocol/permissions.js';
import { ROUTES, type Route, type RouteId } from '../../src/protocol/routes.js';
import { URL_CLASS_LIMITS, urlClassOf } from '../../src/protocol/url-classes.js';

const rows = Object.entries(ROUTES) as [RouteId, Route][];

describe('the route table', () => {
  it.each(rows)('%s declares who may call it', (_, route) => {
    expect(['public', 'user', 'caller', 'runner', 'job', ...PERMISSIONS]).toContain(route.access);
  });

  it.each(rows)('%s has the parameters of its path in its contract', (id, route) => {
    const named = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name);
    const contract: Contract = CONTRACTS[id];
    expect(Object.keys(contract.params?.shape ?? {}).sort()).toEqual(named.sort());
  });

  it.each(rows)('%s answers 204 exactly when its reply is empty', (id, route) => {
    expect(route.status === 204).toBe(CONTRACTS[id].reply === 'empty');
  });

  it('has no two routes with the same method and path', () => {
    const keys = rows.map(([, { method, path }]) => `${method} ${path.replace(/:\w+/g, ':')}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('puts only the runner behind the runner access and only under its prefix', () => {
    for (const [id, route] of rows) {
      expect(route.path.startsWith('/api/v1/runner/'), id).toBe(id.startsWith('runner.'));
      if (route.access === 'runner' || route.access === 'job') expect(id.startsWith('runner.')).toBe(true);
    }
  });
});

describe('URL classes', () => {
  it.each([
    ['/api/v1/runner/poll', 'runner'],
    ['/api/v1/runner/jobs/01H/logs', 'logs'],
    ['/api/v1/runner/jobs/01H/complete', 'runner'],
    ['/api/v1/jobs/01H/events', 'sse'],
    ['/api/v1/jobs/01H/logs', 'api'],
    ['/api/v1/robots/x/versions/1.0.0/content', 'upload'],
    ['/api/v1/robots/x/versions', 'api'],
    ['/healthz', 'api'],
    ['/', 'console'],
    ['/assets/app.js', 'console'],
  ] as const)('%s is %s', (path, expected) => {
    expect(urlClassOf(path)).toBe(expected);
  });

  it.each(rows)('%s falls in a class that lets its body in', (id, route) => {
    const limits = URL_CLASS_LIMITS[urlClassOf(route.path.replace(/:\w+/g, 'x'))];
    if ((CONTRACTS[id] as Contract).body !== undefined) expect(limits.bodyBytes).toBeGreaterThan(0);
  });
});

describe('job states', () => {
  it('only ever leads to states of the table', () => {
    for (const next of Object.values(JOB_STATES).flat()) expect(JOB_STATE_NAMES).toContain(next);
  });

  it('never leaves a terminal state', () => {
    for (const from of JOB_STATE_NAMES.filter(isTerminal)) {
      for (const to of JOB_STATE_NAMES) expect(canFollow(from, to)).toBe(false);
    }
  });

  it('lets every state reach an end', () => {
    const ends = (state: keyof typeof JOB_STATES, seen = new Set<string>()): boolean => {
      if (isTerminal(state)) return true;
      if (seen.has(state)) return false;
      seen.add(state);
      return JOB_STATES[state].some((next) => ends(next, seen));
    };
    for (const state of JOB_STATE_NAMES) expect(ends(state), state).toBe(true);
  });
});
