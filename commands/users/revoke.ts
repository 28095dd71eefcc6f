import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class UsersRevoke extends RocCommand<typeof UsersRevoke> {
  static override summary = 'remove somebody from this tenant with all that they hold in it';
  static override examples = ['<%= config.bin %> <%= command.id %> ada@example.com --yes'];
  static override args = { user: Args.string({ description: 'e-mail address or id', required: true }) };
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'do not ask' }) };

  async run(): Promise<unknown> {
    const { memberId } = await import('../../src/cli/member.js');
    const { confirm } = await import('../../src/cli/prompts.js');
    const api = await this.api();
    const id = await memberId(api, this.args.user);
    await confirm(`Remove ${this.args.user} from this tenant?`, this.flags);
    await api.call('users.revoke', { params: { id } });
    this.log(`removed ${this.args.user}`);
    return { id, removed: true };
  }
}
