import { describe, expect, it } from 'vitest';
import { AUDIT_RULES } from '../../../src/orchestrator/http/audit-rules.js';
import { ROUTES, type Route } from '../../../src/protocol/routes.js';

/** Reviewed by eye: what changes something without an event of its own in the chain. */
const UNAUDITED = [
  'me.factor-enrol',
  'runner.complete',
  'runner.complete-many',
  'runner.drain',
  'runner.heartbeat',
  'runner.job-token',
  'runner.key',
  'runner.leave',
  'runner.logs',
  'runner.poll',
  'runner.session',
  'runner.started',
  'runner.token',
];

const mutating = Object.entries<Route>(ROUTES).filter(([, { method }]) => method !== 'GET');

describe('the table of audited routes', () => {
  it('has every route that changes something, and no other', () => {
    expect(Object.keys(AUDIT_RULES).sort()).toEqual(mutating.map(([id]) => id).sort());
  });

  it('leaves out only what was decided to be left out', () => {
    const out = Object.entries(AUDIT_RULES).filter(([, rule]) => 'unaudited' in rule);
    expect(out.map(([id]) => id).sort()).toEqual(UNAUDITED);
  });

  it('names each action as a thing and a verb, fit for its column', () => {
    for (const rule of Object.values(AUDIT_RULES)) {
      if ('action' in rule) expect(rule.action).toMatch(/^[a-z]+(-[a-z]+)*\.[a-z]+$/);
    }
  });
});
