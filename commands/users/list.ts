import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class UsersList extends RocCommand<typeof UsersList> {
  static override summary = 'list the people of the tenant and what they hold';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = limitFlag;

  async run(): Promise<unknown> {
    const { grantText } = await import('../../src/cli/member.js');
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { items, more } = await readList(api, 'users.list', { limit: this.flags.limit });
    await this.table(
      items,
      [
        { title: 'user', value: (row) => row.email },
        { title: 'state', value: (row) => row.state },
        { title: '2nd factor', value: (row) => (row.hasSecondFactor ? 'yes' : 'no') },
        { title: 'roles', value: (row) => row.grants.map(grantText).join(', '), shrink: true },
      ],
      'nobody is in this tenant',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
