import { Args } from '@oclif/core';
import { ago } from '../../src/cli/ago.js';
import { formatBytes } from '../../src/cli/bytes.js';
import { limitFlag, projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class RobotsVersions extends RocCommand<typeof RobotsVersions> {
  static override summary = 'list the versions of a robot, newest first';
  static override examples = ['<%= config.bin %> <%= command.id %> invoice-totals'];
  static override args = { robot: Args.string({ description: '[PROJECT/]ROBOT', required: true }) };
  static override flags = { ...projectFlag, ...limitFlag };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const { named } = await import('../../src/cli/robot-ref.js');
    const api = await this.api();
    const { project, name } = named(this.args.robot, this.flags.project, api.project);
    const { items, more } = await readList(api, 'versions.list', {
      params: { robot: name },
      query: { project },
      limit: this.flags.limit,
    });
    await this.table(
      items,
      [
        { title: 'version', value: (row) => row.version },
        { title: 'state', value: (row) => row.state },
        { title: 'size', value: (row) => formatBytes(row.sizeBytes), align: 'right' },
        { title: 'digest', value: (row) => row.digest.slice(0, 19) },
        { title: 'by', value: (row) => row.createdBy, shrink: true },
        { title: 'published', value: (row) => ago(row.createdAt) },
      ],
      `${name} has no versions`,
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
