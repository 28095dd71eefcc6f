/** The estimate in words: the sum, what is missing from it, what would change it. */
import type { CostEstimate } from './estimate.js';

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
