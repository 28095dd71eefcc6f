import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class PoolsList extends RocCommand<typeof PoolsList> {
  static override summary = 'list pools with their online runners and queued jobs';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = limitFlag;

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { items, more } = await readList(api, 'pools.list', { limit: this.flags.limit });
    await this.table(
      items,
      [
        { title: 'pool', value: (row) => row.name },
        { title: 'online', value: (row) => row.runnersOnline, align: 'right' },
        { title: 'queued', value: (row) => row.queued, align: 'right' },
        { title: 'created', value: (row) => ago(row.createdAt) },
      ],
      'no pools yet; make one with `roc pools create NAME`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
