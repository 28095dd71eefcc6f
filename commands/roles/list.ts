import { RocCommand } from '../../src/cli/command.js';

export default class RolesList extends RocCommand<typeof RolesList> {
  static override summary = 'list roles, built-in ones and the tenant’s own';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    const api = await this.api();
    const { items } = await api.call('roles.list');
    await this.table(
      items,
      [
        { title: 'role', value: (row) => row.name },
        { title: 'built in', value: (row) => (row.isBuiltIn ? 'yes' : 'no') },
        { title: 'holders', value: (row) => row.holders, align: 'right' },
        { title: 'permissions', value: (row) => row.permissions.join(' '), shrink: true },
      ],
      'no roles',
    );
    return { items };
  }
}
