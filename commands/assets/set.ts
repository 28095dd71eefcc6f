import { Args, Flags } from '@oclif/core';
import { assetFlags, assetQuery } from '../../src/cli/asset-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class AssetsSet extends RocCommand<typeof AssetsSet> {
  static override summary = 'set a value or a secret that a project shares';
  static override description =
    'A secret comes from standard input, so that it stands in no history and no list of processes.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> mailbox invoices@example.com',
    'printf %s "$PASSWORD" | <%= config.bin %> <%= command.id %> mailbox-password --secret',
    'printf %s "$PASSWORD" | <%= config.bin %> <%= command.id %> mailbox-password --secret --in prod',
  ];
  static override args = {
    name: Args.string({ description: 'its name', required: true }),
    value: Args.string({ description: 'its value, where it is no secret', required: false }),
  };
  static override flags = {
    ...assetFlags,
    secret: Flags.boolean({ summary: 'keep it encrypted; reads standard input' }),
  };

  async run(): Promise<unknown> {
    const { readStdin } = await import('../../src/cli/stdin.js');
    const { name: asset, value: given } = this.args;
    const secret = this.flags.secret === true;
    if (secret === (given !== undefined))
      throw this.usageError(
        'give a value, or --secret and the value on standard input',
        'See the examples of `roc assets set --help`.',
      );
    const value = given ?? (await readStdin(65_536)).replace(/\r?\n$/, '');
    const api = await this.api();
    const kind = secret ? ('secret' as const) : ('text' as const);
    const set = await api.call('assets.set', {
      params: { asset },
      query: assetQuery(this.flags, api.project),
      body: { kind, value },
    });
    this.log(`set ${set.project}/${set.name}`);
    return set;
  }
}
