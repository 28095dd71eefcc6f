import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class EnvironmentsList extends RocCommand<typeof EnvironmentsList> {
  static override summary = 'list environments, in which versions are deployed';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = limitFlag;

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { items, more } = await readList(api, 'environments.list', { limit: this.flags.limit });
    await this.table(
      items,
      [
        { title: 'environment', value: (row) => row.name },
        { title: 'created', value: (row) => ago(row.createdAt) },
      ],
      'no environments yet; make one with `roc environments create NAME`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
