import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class UsersSet extends RocCommand<typeof UsersSet> {
  static override summary = 'suspend somebody in this tenant, or let them in again';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada@example.com --suspended',
    '<%= config.bin %> <%= command.id %> ada@example.com --no-suspended',
  ];
  static override args = { user: Args.string({ description: 'e-mail address or id', required: true }) };
  static override flags = {
    suspended: Flags.boolean({ summary: 'their sessions end at once', allowNo: true }),
  };

  async run(): Promise<unknown> {
    const { memberFields, memberId } = await import('../../src/cli/member.js');
    const { suspended } = this.flags;
    if (suspended === undefined)
      throw this.usageError('nothing to set', 'Pass --suspended or --no-suspended.');
    const api = await this.api();
    const params = { id: await memberId(api, this.args.user) };
    const member = await api.call('users.set', { params, body: { suspended } });
    this.fields(memberFields(member));
    return member;
  }
}
