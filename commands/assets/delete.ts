import { Args } from '@oclif/core';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class AssetsDelete extends RocCommand<typeof AssetsDelete> {
  static override summary = 'delete a shared value or secret';
  static override examples = ['<%= config.bin %> <%= command.id %> mailbox'];
  static override args = { name: Args.string({ description: 'its name', required: true }) };
  static override flags = projectFlag;

  async run(): Promise<unknown> {
    const api = await this.api();
    const { project = api.project } = this.flags;
    const { name } = this.args;
    await api.call('assets.delete', { params: { asset: name }, query: { project } });
    this.log(`deleted ${project}/${name}`);
    return { project, name };
  }
}
