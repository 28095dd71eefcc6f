import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class RunnersToken extends RocCommand<typeof RunnersToken> {
  static override summary = 'make a one-time token with which one runner registers';
  static override description =
    'The token is printed once, alone on standard output; it is good for one runner.';
  static override examples = ['<%= config.bin %> <%= command.id %> --pool finance'];
  static override flags = {
    pool: Flags.string({ summary: 'pool that the runner joins', helpValue: 'POOL', default: 'default' }),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const made = await api.call('runners.token', { body: { pool: this.flags.pool } });
    this.log(made.token);
    this.logToStderr(`good for one runner until ${made.expiresAt}; on its host:`);
    this.logToStderr(`  roc runner register --url ${api.url} --token TOKEN --name NAME`);
    return made;
  }
}
