import { Flags } from '@oclif/core';
import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class RunnersList extends RocCommand<typeof RunnersList> {
  static override summary = 'list runners, what they do and when they were last heard';
  static override examples = ['<%= config.bin %> <%= command.id %> --pool finance'];
  static override flags = {
    pool: Flags.string({ summary: 'only this pool', helpValue: 'POOL' }),
    ...limitFlag,
  };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { pool, limit } = this.flags;
    const { items, more } = await readList(api, 'runners.list', { query: { pool }, limit });
    await this.table(
      items,
      [
        { title: 'runner', value: (runner) => runner.name },
        { title: 'pool', value: (runner) => runner.pool, shrink: true },
        { title: 'state', value: (runner) => runner.state },
        { title: 'busy', value: (runner) => `${runner.busy}/${runner.slots}`, align: 'right' },
        { title: 'host', value: (runner) => `${runner.os} ${runner.arch}`, shrink: true },
        { title: 'roc', value: (runner) => runner.version, shrink: true },
        { title: 'seen', value: (runner) => ago(runner.lastSeenAt) },
      ],
      'no runners yet; make a token with `roc runners token`, then `roc runner register` on the host',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
