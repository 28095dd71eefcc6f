import { describe, expect, it } from 'vitest';
import {
  type Grant,
  type GrantScope,
  heldAnywhere,
  heldAt,
  heldEverywhere,
  heldOnTenant,
  type Place,
  sightOf,
  touches,
} from '../../../src/orchestrator/decide/reach.js';
import type { Permission } from '../../../src/protocol/permissions.js';

const grant = (scope: GrantScope, ...permissions: Permission[]): Grant => ({
  role: 'some',
  scope,
  permissions: new Set(permissions),
});
const TENANT = { kind: 'tenant' } as const;
const FINANCE = { kind: 'project', projectId: 'finance' } as const;
const PAYROLL = { kind: 'process', projectId: 'finance', processId: 'payroll' } as const;

const places = {
  finance: { projectId: 'finance' },
  sales: { projectId: 'sales' },
  invoices: { projectId: 'finance', process: { id: 'invoices', isPrivate: false } },
  payroll: { projectId: 'finance', process: { id: 'payroll', isPrivate: true } },
  orders: { projectId: 'sales', process: { id: 'orders', isPrivate: false } },
} satisfies Record<string, Place>;

describe('a permission', () => {
  it.each<[string, Grant[], (keyof typeof places)[]]>([
    ['by nothing', [], []],
    ['by a role without it', [grant(TENANT, 'jobs:read')], []],
    ['on the tenant', [grant(TENANT, 'jobs:start')], ['finance', 'sales', 'invoices', 'orders']],
    [
      'on the tenant, with private ones',
      [grant(TENANT, 'jobs:start', 'processes:private')],
      ['finance', 'sales', 'invoices', 'payroll', 'orders'],
    ],
    [
      'on the tenant, where another role sees private ones',
      [grant(TENANT, 'jobs:start'), grant(TENANT, 'processes:private')],
      ['finance', 'sales', 'invoices', 'orders'],
    ],
    ['on a project', [grant(FINANCE, 'jobs:start')], ['finance', 'invoices']],
    [
      'on a project, with private ones',
      [grant(FINANCE, 'jobs:start', 'processes:private')],
      ['finance', 'invoices', 'payroll'],
    ],
    ['on a process', [grant(PAYROLL, 'jobs:start')], ['payroll']],
    [
      'on a process and a project',
      [grant(PAYROLL, 'jobs:start'), grant(FINANCE, 'jobs:start')],
      ['finance', 'invoices', 'payroll'],
    ],
  ])('held %s reaches exactly that far', (_, grants, reached) => {
    const names = Object.keys(places) as (keyof typeof places)[];
    expect(names.filter((name) => heldAt(grants, 'jobs:start', places[name]))).toEqual(reached);
  });

  it('is held somewhere, on the tenant, everywhere', () => {
    const onProject = [grant(FINANCE, 'jobs:start')];
    expect(heldAnywhere(onProject, 'jobs:start')).toBe(true);
    expect(heldOnTenant(onProject).size).toBe(0);
    expect(heldEverywhere([grant(TENANT, 'jobs:start')], 'jobs:start')).toBe(false);
    expect(heldEverywhere([grant(TENANT, 'jobs:start', 'processes:private')], 'jobs:start')).toBe(true);
    expect(heldEverywhere([grant(FINANCE, 'jobs:start', 'processes:private')], 'jobs:start')).toBe(false);
  });

  it('of any kind makes a place known, and a role without any does not', () => {
    expect(touches([grant(FINANCE, 'robots:read')], places.invoices)).toBe(true);
    expect(touches([grant(FINANCE, 'robots:read')], places.payroll)).toBe(false);
    expect(touches([grant(FINANCE)], places.finance)).toBe(false);
  });
});

describe('what a list shows', () => {
  it('is the sum of what the grants with that permission reach', () => {
    const grants = [
      grant(FINANCE, 'jobs:read'),
      grant(PAYROLL, 'jobs:read'),
      grant({ kind: 'project', projectId: 'sales' }, 'jobs:start', 'processes:private'),
    ];
    expect(sightOf(grants, 'jobs:read')).toEqual({
      all: { open: false, private: false },
      projects: { open: ['finance'], private: [] },
      processes: ['payroll'],
      touched: ['finance', 'finance'],
    });
    expect(sightOf(grants, 'jobs:start').projects).toEqual({ open: ['sales'], private: ['sales'] });
    expect(sightOf([grant(TENANT, 'jobs:read')], 'jobs:read').all).toEqual({ open: true, private: false });
  });
});
