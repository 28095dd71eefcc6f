import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class ProjectsList extends RocCommand<typeof ProjectsList> {
  static override summary = 'list projects, which hold robots and processes';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = limitFlag;

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { items, more } = await readList(api, 'projects.list', { limit: this.flags.limit });
    await this.table(
      items,
      [
        { title: 'project', value: (row) => row.name },
        { title: 'created', value: (row) => ago(row.createdAt) },
      ],
      'no projects yet; make one with `roc projects create NAME`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
