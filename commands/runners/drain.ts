import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class RunnersDrain extends RocCommand<typeof RunnersDrain> {
  static override summary = 'give a runner no more jobs; what it runs it ends';
  static override examples = ['<%= config.bin %> <%= command.id %> ada-1'];
  static override args = { runner: Args.string({ description: 'name or id of the runner', required: true }) };

  async run(): Promise<unknown> {
    const { runnerId } = await import('../../src/cli/runner-id.js');
    const api = await this.api();
    const id = await runnerId(api, this.args.runner);
    const runner = await api.call('runners.drain', { params: { id } });
    this.log(`runner ${runner.name} is ${runner.state}, ${runner.busy} of ${runner.slots} slots busy`);
    return runner;
  }
}
