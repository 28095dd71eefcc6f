import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { scopeFlags } from '../../src/cli/scope-flags.js';

export default class UsersCreate extends RocCommand<typeof UsersCreate> {
  static override summary = 'make an invitation to hand over by yourself';
  static override description =
    'The token is printed once, alone on standard output. Who has it joins with `roc users accept` and chooses a password.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada@example.com --role operator',
    '<%= config.bin %> <%= command.id %> ada@example.com --role operator --process finance/invoices',
  ];
  static override args = { email: Args.string({ description: 'e-mail address', required: true }) };
  static override flags = {
    role: Flags.string({ summary: 'role to begin with', helpValue: 'ROLE', required: true }),
    ...scopeFlags,
  };

  async run(): Promise<unknown> {
    const { scopeOf } = await import('../../src/cli/member.js');
    const api = await this.api();
    const body = { email: this.args.email, role: this.flags.role, ...scopeOf(this.flags) };
    const made = await api.call('users.create', { body });
    this.log(made.token);
    this.logToStderr(`good for one use until ${made.expiresAt}; on any host:`);
    this.logToStderr(`  roc users accept --url ${api.url}`);
    return made;
  }
}
