import { limitFlag, projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { activeVersions } from '../../src/cli/process-text.js';

export default class ProcessesList extends RocCommand<typeof ProcessesList> {
  static override summary = 'list processes and the versions they run';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { ...projectFlag, ...limitFlag };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { project, limit } = this.flags;
    const { items, more } = await readList(api, 'processes.list', { query: { project }, limit });
    await this.table(
      items,
      [
        { title: 'process', value: (row) => row.name },
        { title: 'project', value: (row) => row.project, shrink: true },
        { title: 'robot', value: (row) => row.robot, shrink: true },
        { title: 'pool', value: (row) => row.pool, shrink: true },
        { title: 'runs', value: activeVersions, shrink: true },
      ],
      'no processes yet; `roc deploy ROBOT@VERSION --to ENV` makes one',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
