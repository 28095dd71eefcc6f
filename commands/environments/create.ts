import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class EnvironmentsCreate extends RocCommand<typeof EnvironmentsCreate> {
  static override summary = 'create an environment to deploy to';
  static override examples = ['<%= config.bin %> <%= command.id %> staging-eu'];
  static override args = { name: Args.string({ description: 'its name', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const made = await api.call('environments.create', { body: { name: this.args.name } });
    this.log(`created environment ${made.name}`);
    return made;
  }
}
