/** The price table: what one unit costs where, how that is known and since when. */
import { z } from 'zod';

const price = z.strictObject({
  region: z.string(),
  sku: z.string(),
  usd: z.number().nonnegative(),
  unit: z.enum(['hour', 'month', 'GB-month', 'instance-month']),
  source: z.enum(['public-tables', 'recalled', 'price-list']).describe('how the figure is known'),
  asOf: z.iso.date(),
});

/** `policies/prices.yaml`. */
export const priceTableSchema = z
  .strictObject({
    version: z.literal(1),
    hoursPerMonth: z.int().positive(),
    prices: z.array(price).min(1),
  })
  .superRefine(({ prices }, issues) => {
    const seen = new Set<string>();
    for (const [index, { region, sku }] of prices.entries()) {
      const key = `${region} ${sku}`;
      if (seen.has(key))
        issues.addIssue({ code: 'custom', path: ['prices', index], message: `${key} stands there twice` });
      seen.add(key);
    }
  });

export type PriceTable = z.output<typeof priceTableSchema>;
export type Price = PriceTable['prices'][number];
