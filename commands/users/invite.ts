import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { scopeFlags } from '../../src/cli/scope-flags.js';

export default class UsersInvite extends RocCommand<typeof UsersInvite> {
  static override summary = 'invite somebody by mail';
  static override examples = ['<%= config.bin %> <%= command.id %> ada@example.com --role developer'];
  static override args = { email: Args.string({ description: 'e-mail address', required: true }) };
  static override flags = {
    role: Flags.string({ summary: 'role to begin with', helpValue: 'ROLE', required: true }),
    ...scopeFlags,
  };

  async run(): Promise<unknown> {
    const { scopeOf } = await import('../../src/cli/member.js');
    const api = await this.api();
    const body = { email: this.args.email, role: this.flags.role, ...scopeOf(this.flags) };
    const sent = await api.call('users.invite', { body });
    this.log(`invited ${this.args.email}; the link counts until ${sent.expiresAt}`);
    return sent;
  }
}
