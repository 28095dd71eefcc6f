import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class UsersShow extends RocCommand<typeof UsersShow> {
  static override summary = 'show one of the people of the tenant';
  static override examples = ['<%= config.bin %> <%= command.id %> ada@example.com'];
  static override args = { user: Args.string({ description: 'e-mail address or id', required: true }) };

  async run(): Promise<unknown> {
    const { memberFields, memberId } = await import('../../src/cli/member.js');
    const api = await this.api();
    const member = await api.call('users.show', { params: { id: await memberId(api, this.args.user) } });
    this.fields(memberFields(member));
    return member;
  }
}
