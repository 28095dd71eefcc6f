import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class PoolsCreate extends RocCommand<typeof PoolsCreate> {
  static override summary = 'create a pool that runners join';
  static override examples = ['<%= config.bin %> <%= command.id %> finance'];
  static override args = { name: Args.string({ description: 'its name', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const made = await api.call('pools.create', { body: { name: this.args.name } });
    this.log(`created pool ${made.name}`);
    return made;
  }
}
