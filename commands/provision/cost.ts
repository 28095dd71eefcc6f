import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionCost extends RocCommand<typeof ProvisionCost> {
  static override summary = 'estimate what the stack costs a month';
  static override description =
    'Asks AWS nothing: list prices from a dated table, which says how each is known. What depends on use is named, not guessed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --region us-east-1',
    '<%= config.bin %> <%= command.id %> --region eu-west-1 --json',
  ];
  static override flags = {
    ...provisionFlags,
    prices: Flags.string({ summary: 'price table in place of the shipped one', helpValue: 'FILE' }),
  };

  async run(): Promise<unknown> {
    const { estimateCost } = await import('../../src/stack/cost/estimate.js');
    const { alike, costLines } = await import('../../src/stack/cost/cost-lines.js');
    const { loadPrices } = await import('../../src/stack/judge-plan.js');
    const { localStack } = await import('../../src/stack/local-stack.js');
    const { root, version } = this.config;
    const stack = localStack({
      ...{ config: await this.rocConfig(), env: process.env, region: this.flags.region },
      ...{ version, packageRoot: root },
    });
    const { blueprint } = await stack.synthesis();
    const table = await loadPrices(root, this.flags.prices);
    const estimate = estimateCost(blueprint.template, stack.region, table);
    await this.table(
      alike(estimate.items),
      [
        { title: 'resource', value: (row) => row.resource },
        { title: 'what', value: (row) => row.what },
        { title: 'amount', value: (row) => String(row.amount) },
        { title: 'price', value: (row) => `${row.usdPerUnit}/${row.unit}` },
        { title: 'USD a month', value: (row) => row.monthlyUsd.toFixed(2) },
        { title: 'price known from', value: (row) => row.source },
      ],
      'nothing has a price here',
    );
    for (const line of costLines(estimate)) this.log(line);
    return estimate;
  }
}
