import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { scopeFlags } from '../../src/cli/scope-flags.js';

export default class RolesRevoke extends RocCommand<typeof RolesRevoke> {
  static override summary = 'take a role away from somebody';
  static override examples = [
    '<%= config.bin %> <%= command.id %> operator --from ada@example.com',
    '<%= config.bin %> <%= command.id %> operator --from ada@example.com --process finance/invoices',
  ];
  static override args = { role: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    from: Flags.string({ summary: 'whose', helpValue: 'E-MAIL', required: true }),
    ...scopeFlags,
  };

  async run(): Promise<unknown> {
    const { grantText, scopeOf } = await import('../../src/cli/member.js');
    const api = await this.api();
    const body = { user: this.flags.from, ...scopeOf(this.flags) };
    const { user, grants } = await api.call('roles.revoke', { params: { role: this.args.role }, body });
    this.log(`${user} holds still: ${grants.map(grantText).join(', ') || 'nothing'}`);
    return { user, grants };
  }
}
