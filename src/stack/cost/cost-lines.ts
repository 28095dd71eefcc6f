/** The estimate in words: the sum, what is missing from it, what would change it. */
import type { CostEstimate, CostItem } from './estimate.js';

/** Lines of one kind and price as one, for people: `EcrApiEndpoint and 7 more`. */
export function alike(items: readonly CostItem[]): CostItem[] {
  const groups = new Map<string, CostItem[]>();
  for (const item of items) {
    const key = `${item.sku} ${item.what} ${item.amount}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()]
    .flatMap(([first, ...others]) => {
      if (first === undefined) return [];
      const times = others.length + 1;
      return {
        ...first,
        resource: times === 1 ? first.resource : `${first.resource} and ${others.length} more`,
        amount: first.amount * times,
        monthlyUsd: Math.round(first.monthlyUsd * times * 100) / 100,
      };
    })
    .sort((a, b) => b.monthlyUsd - a.monthlyUsd);
}

export function costLines({ region, monthlyUsd, asOf, unpriced, byUse, levers }: CostEstimate): string[] {
  return [
    '',
    `${region}: ${dollars(monthlyUsd)} USD a month, before use, tax and discounts; prices as of ${asOf ?? 'never'}`,
    ...(unpriced.length === 0
      ? []
      : ['', `NOT PRICED, so the stack costs more than that (${unpriced.length}):`, ...unpriced.map(indent)]),
    '',
    'by use, not in the sum:',
    ...byUse.map(indent),
    '',
    'what would change it:',
    ...levers.map(({ setting, says, deltaUsd }) =>
      indent(`${setting.padEnd(24)} ${deltaUsd === null ? '' : `${signed(deltaUsd)} USD: `}${says}`),
    ),
  ];
}

function indent(line: string): string {
  return `  ${line}`;
}

function signed(usd: number): string {
  return `${usd > 0 ? '+' : '-'}${dollars(Math.abs(usd))}`;
}

function dollars(usd: number): string {
  return usd.toFixed(2);
}
