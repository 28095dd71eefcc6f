import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class TenantsList extends RocCommand<typeof TenantsList> {
  static override summary = 'list the tenants of the installation';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = limitFlag;

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { items, more } = await readList(api, 'tenants.list', { limit: this.flags.limit });
    await this.table(
      items,
      [
        { title: 'tenant', value: (row) => row.name },
        { title: 'state', value: (row) => row.state },
        { title: 'created', value: (row) => ago(row.createdAt) },
        { title: 'emptied at', value: (row) => row.purgeAt },
      ],
      'no tenants',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
