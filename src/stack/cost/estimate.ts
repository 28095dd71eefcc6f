/** The monthly cost of a template: every line with its price and how that is known; what has no price is said, never zero. */
import type { Template } from '../template.js';
import { type Lever, levers } from './levers.js';
import type { Price, PriceTable } from './prices.js';
import { costsByUse, type Quantity, quantitiesOf } from './quantities.js';

export interface CostItem extends Quantity {
  readonly usdPerUnit: number;
  readonly unit: Price['unit'];
  readonly monthlyUsd: number;
  readonly source: Price['source'];
}

export interface CostEstimate {
  readonly region: string;
  readonly monthlyUsd: number;
  /** The oldest day of the prices that were used; null where none was. */
  readonly asOf: string | null;
  readonly items: readonly CostItem[];
  /** `Database: rds-mysql:db.x9.large has no price in sa-east-1`. */
  readonly unpriced: readonly string[];
  /** Costs that depend on use and are not in the sum. */
  readonly byUse: readonly string[];
  readonly levers: readonly Lever[];
}

export function estimateCost(template: Template, region: string, table: PriceTable): CostEstimate {
  const prices = new Map(
    table.prices.filter((price) => price.region === region).map((price) => [price.sku, price]),
  );
  const items: CostItem[] = [];
  const unpriced: string[] = [];
  for (const quantity of quantitiesOf(template)) {
    const price = prices.get(quantity.sku);
    if (price === undefined) unpriced.push(`${quantity.resource}: ${quantity.sku} has no price in ${region}`);
    else items.push(priced(quantity, price, table.hoursPerMonth));
  }
  items.sort((a, b) => b.monthlyUsd - a.monthlyUsd || a.resource.localeCompare(b.resource));
  const days = items.map(({ sku }) => prices.get(sku)?.asOf ?? '').sort();
  return {
    region,
    monthlyUsd: cents(items.reduce((sum, item) => sum + item.monthlyUsd, 0)),
    asOf: days[0] ?? null,
    items,
    unpriced,
    byUse: costsByUse(template),
    levers: levers(items, (sku) => hourly(prices.get(sku), table)),
  };
}

function priced(quantity: Quantity, { usd, unit, source }: Price, hours: number): CostItem {
  const monthlyUsd = cents(quantity.amount * usd * (unit === 'hour' ? hours : 1));
  return { ...quantity, usdPerUnit: usd, unit, monthlyUsd, source };
}

function hourly(price: Price | undefined, { hoursPerMonth }: PriceTable): number | null {
  return price === undefined ? null : price.usd * hoursPerMonth;
}

function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}
