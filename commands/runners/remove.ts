import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class RunnersRemove extends RocCommand<typeof RunnersRemove> {
  static override summary = 'forget a runner and refuse its key from now on';
  static override examples = ['<%= config.bin %> <%= command.id %> ada-1 --yes'];
  static override args = { runner: Args.string({ description: 'name or id of the runner', required: true }) };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'do not ask' }) };

  async run(): Promise<unknown> {
    const { confirm } = await import('../../src/cli/prompts.js');
    const { runnerId } = await import('../../src/cli/runner-id.js');
    const api = await this.api();
    const id = await runnerId(api, this.args.runner);
    await confirm(`Remove runner ${this.args.runner}? It must register again to come back.`, this.flags);
    await api.call('runners.remove', { params: { id } });
    this.log(`removed runner ${this.args.runner}`);
    return { id, removed: true };
  }
}
