import { Args, Flags } from '@oclif/core';
import { assetFlags, assetQuery } from '../../src/cli/asset-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class AssetsGet extends RocCommand<typeof AssetsGet> {
  static override summary = 'print a shared value; a secret only with --reveal';
  static override examples = [
    '<%= config.bin %> <%= command.id %> mailbox',
    '<%= config.bin %> <%= command.id %> mailbox-password --reveal',
  ];
  static override args = { name: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    ...assetFlags,
    reveal: Flags.boolean({ summary: 'print a secret; the audit chain tells that you did' }),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const { reveal } = this.flags;
    const at = { params: { asset: this.args.name }, query: assetQuery(this.flags, api.project) };
    const asset = reveal ? await api.call('assets.reveal', at) : await api.call('assets.show', at);
    this.log(asset.value ?? '(a secret; --reveal prints it)');
    return asset;
  }
}
