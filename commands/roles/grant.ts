import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { scopeFlags } from '../../src/cli/scope-flags.js';

export default class RolesGrant extends RocCommand<typeof RolesGrant> {
  static override summary = 'give a role to somebody, on the tenant, a project or a process';
  static override examples = [
    '<%= config.bin %> <%= command.id %> operator --to ada@example.com',
    '<%= config.bin %> <%= command.id %> operator --to ada@example.com --process finance/invoices',
  ];
  static override args = { role: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    to: Flags.string({ summary: 'whose', helpValue: 'E-MAIL', required: true }),
    ...scopeFlags,
  };

  async run(): Promise<unknown> {
    const { grantText, scopeOf } = await import('../../src/cli/member.js');
    const api = await this.api();
    const body = { user: this.flags.to, ...scopeOf(this.flags) };
    const { user, grants } = await api.call('roles.grant', { params: { role: this.args.role }, body });
    this.log(`${user} holds now: ${grants.map(grantText).join(', ') || 'nothing'}`);
    return { user, grants };
  }
}
