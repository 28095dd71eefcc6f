import { Args } from '@oclif/core';
import { assetQuery, granteeFlags, granteeOf, grantsText } from '../../src/cli/asset-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class AssetsGrant extends RocCommand<typeof AssetsGrant> {
  static override summary = 'give a secret to the jobs of a process';
  static override examples = [
    '<%= config.bin %> <%= command.id %> bank-password --process invoices --in prod',
  ];
  static override args = { name: Args.string({ description: 'its name', required: true }) };
  static override flags = granteeFlags;

  async run(): Promise<unknown> {
    const body = granteeOf(this.flags);
    const api = await this.api();
    const asset = await api.call('assets.grant', {
      params: { asset: this.args.name },
      query: assetQuery(this.flags, api.project),
      body,
    });
    this.log(grantsText(asset));
    return asset;
  }
}
