import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPolicyFile } from '../../../src/kernel/policy-file.js';
import { estimateCost } from '../../../src/stack/cost/estimate.js';
import { priceTableSchema } from '../../../src/stack/cost/prices.js';
import type { Template } from '../../../src/stack/template.js';
import { projectPath } from '../../helpers/project.js';
import { PROFILE_NAMES, synthesisFor, templateFor } from '../samples.js';

const { policy: table } = await readPolicyFile(projectPath('policies/prices.yaml'), priceTableSchema);

describe('the cost of the stack', () => {
  test.each(['us-east-1', 'eu-west-1'])('every line has a price in %s, in every profile', async (region) => {
    for (const profile of PROFILE_NAMES) {
      const estimate = estimateCost((await synthesisFor(profile, region)).blueprint.template, region, table);
      expect(estimate.unpriced).toEqual([]);
    }
  });

  test('the database of two zones costs twice its price', async () => {
    const { items } = estimateCost(await templateFor('prod'), 'us-east-1', table);
    const database = items.find(({ sku }) => sku === 'rds-mysql:db.m5.2xlarge');
    expect(database).toMatchObject({ amount: 2, monthlyUsd: 998.64 });
    const servers = items.find(({ sku }) => sku === 'ec2:t3.small');
    expect(servers).toMatchObject({ resource: 'Servers', amount: 2, monthlyUsd: 30.37 });
  });

  test('what has no price is said and adds nothing', async () => {
    const estimate = estimateCost(await templateFor('prod'), 'sa-east-1', table);
    expect(estimate.unpriced).toContain('Database: rds-mysql:db.m5.2xlarge has no price in sa-east-1');
    expect(estimate.items.some(({ sku }) => sku.startsWith('rds-'))).toBe(false);
    const nowhere = estimateCost(await templateFor('prod'), 'xx-none-1', table);
    expect(nowhere).toMatchObject({ monthlyUsd: 0, asOf: null, items: [] });
    expect(nowhere.unpriced.length).toBeGreaterThan(20);
  });

  test('levers name a setting and what it changes', async () => {
    const { levers, items } = estimateCost(await templateFor('prod'), 'us-east-1', table);
    const database = items
      .filter(({ sku }) => sku.startsWith('rds-'))
      .reduce((sum, one) => sum + one.monthlyUsd, 0);
    expect(levers.find(({ setting }) => setting === 'db.multiAz: false')?.deltaUsd).toBeCloseTo(
      -database / 2,
      1,
    );
    expect(levers.find(({ setting }) => setting === 'egress.mode: nat')?.deltaUsd).toBeLessThan(0);
  });

  test('without a resource the sum falls by its lines and by nothing else', async () => {
    const template = await templateFor('prod');
    const whole = estimateCost(template, 'eu-west-1', table);
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(template.Resources)), (id) => {
        // Others read the launch template's size through it.
        if (template.Resources[id]?.Type === 'AWS::EC2::LaunchTemplate') return;
        const { [id]: _gone, ...Resources } = template.Resources;
        const less = estimateCost({ ...template, Resources } as Template, 'eu-west-1', table);
        const lines = whole.items.filter(({ resource }) => resource === id);
        const sum = lines.reduce((total, line) => total + line.monthlyUsd, 0);
        expect(whole.monthlyUsd - less.monthlyUsd).toBeCloseTo(sum, 1);
      }),
    );
  });

  test('a price that stands there twice is refused', () => {
    const [price] = table.prices;
    expect(priceTableSchema.safeParse({ ...table, prices: [price, price] }).success).toBe(false);
  });
});
