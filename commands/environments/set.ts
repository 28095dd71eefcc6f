import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class EnvironmentsSet extends RocCommand<typeof EnvironmentsSet> {
  static override summary = 'say whether an environment runs only robots that a publisher has signed';
  static override examples = ['<%= config.bin %> <%= command.id %> prod --signatures required'];
  static override args = { environment: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    signatures: Flags.option({
      options: ['required', 'optional'] as const,
      summary: 'whether versions must be signed to be deployed and run there',
      required: true,
    })(),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const { environment } = this.args;
    const needsSignature = this.flags.signatures === 'required';
    const set = await api.call('environments.set', { params: { environment }, body: { needsSignature } });
    this.log(`${set.name}: signatures are ${set.needsSignature ? 'required' : 'optional'}`);
    return set;
  }
}
