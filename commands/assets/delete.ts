import { Args } from '@oclif/core';
import { assetFlags, assetQuery } from '../../src/cli/asset-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class AssetsDelete extends RocCommand<typeof AssetsDelete> {
  static override summary = 'delete a shared value or secret';
  static override examples = ['<%= config.bin %> <%= command.id %> mailbox'];
  static override args = { name: Args.string({ description: 'its name', required: true }) };
  static override flags = assetFlags;

  async run(): Promise<unknown> {
    const api = await this.api();
    const { name } = this.args;
    const query = assetQuery(this.flags, api.project);
    await api.call('assets.delete', { params: { asset: name }, query });
    this.log(`deleted ${query.project}/${name}`);
    return { ...query, name };
  }
}
