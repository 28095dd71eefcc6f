/** What would change the sum most, each as a setting and what it saves or costs. */
import type { CostItem } from './estimate.js';

export interface Lever {
  readonly setting: string;
  readonly says: string;
  /** Dollars a month; negative saves. Null where a price is missing. */
  readonly deltaUsd: number | null;
}

/** @param monthly dollars a month of one unit of an hourly price, or null */
export function levers(items: readonly CostItem[], monthly: (sku: string) => number | null): Lever[] {
  const sum = (test: (item: CostItem) => boolean) =>
    items.filter(test).reduce((total, item) => total + item.monthlyUsd, 0);
  const total = sum(() => true);
  const database = sum(({ sku }) => sku.startsWith('rds-'));
  const isTwice = items.some(({ what, sku }) => sku.startsWith('rds-') && what.endsWith('in two zones'));
  const endpoints = items.filter(({ sku }) => sku === 'vpc:interface-endpoint');
  const ways = endpoints.reduce((count, { amount }) => count + amount, 0);
  const endpointCost = sum(({ sku }) => sku === 'vpc:interface-endpoint');
  const nat = monthly('vpc:nat');
  const zones = Math.max(0, ...endpoints.map(({ amount }) => amount));
  return [
    ...(database > 0
      ? [
          {
            setting: 'db.instanceClass',
            says: `the database is ${share(database, total)} of the sum`,
            deltaUsd: null,
          },
        ]
      : []),
    ...(isTwice
      ? [
          {
            setting: 'db.multiAz: false',
            says: 'one zone that fails stops everything',
            deltaUsd: cents(-database / 2),
          },
        ]
      : []),
    ...(ways > 0
      ? [
          {
            setting: 'egress.mode: nat',
            says: `NAT in place of ${ways} endpoint interfaces, and names decide what leaves`,
            deltaUsd: nat === null ? null : cents(nat * zones - endpointCost),
          },
        ]
      : []),
    ...(zones > 1
      ? [
          {
            setting: 'egress.zones: 1',
            says: 'the other zone reaches AWS through the first',
            deltaUsd: cents(-sum(({ sku, amount }) => sku === 'vpc:interface-endpoint' && amount > 1) / 2),
          },
        ]
      : []),
    ...host(items, 'OpsHost', 'ops.enabled: false', 'nobody does the duties'),
    ...host(items, 'Bastion', 'bastion.enabled: false', 'no way to private hosts'),
  ];
}

function host(items: readonly CostItem[], id: string, setting: string, says: string): Lever[] {
  const cost = items
    .filter(({ resource }) => resource === id)
    .reduce((sum, item) => sum + item.monthlyUsd, 0);
  return cost === 0 ? [] : [{ setting, says, deltaUsd: cents(-cost) }];
}

function share(part: number, total: number): string {
  return `${Math.round((100 * part) / total)} %`;
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}
