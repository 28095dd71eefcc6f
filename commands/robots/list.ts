import { ago } from '../../src/cli/ago.js';
import { limitFlag, projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class RobotsList extends RocCommand<typeof RobotsList> {
  static override summary = 'list robots with their newest version';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { ...projectFlag, ...limitFlag };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { project, limit } = this.flags;
    const { items, more } = await readList(api, 'robots.list', { query: { project }, limit });
    await this.table(
      items,
      [
        { title: 'robot', value: (robot) => robot.name },
        { title: 'project', value: (robot) => robot.project, shrink: true },
        { title: 'latest', value: (robot) => robot.latestVersion },
        { title: 'versions', value: (robot) => robot.versions, align: 'right' },
        { title: 'created', value: (robot) => ago(robot.createdAt) },
      ],
      'no robots yet; publish one with `roc robots publish PATH`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
