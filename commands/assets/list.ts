import { ago } from '../../src/cli/ago.js';
import { limitFlag, projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class AssetsList extends RocCommand<typeof AssetsList> {
  static override summary = 'list the values and secrets that a project shares';
  static override examples = ['<%= config.bin %> <%= command.id %> --project finance'];
  static override flags = { ...projectFlag, ...limitFlag };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { limit, project = api.project } = this.flags;
    const { items, more } = await readList(api, 'assets.list', { query: { project }, limit });
    await this.table(
      items,
      [
        { title: 'asset', value: ({ name }) => name },
        { title: 'in', value: ({ environment }) => environment ?? '*' },
        { title: 'kind', value: ({ kind }) => kind },
        { title: 'value', value: ({ value }) => value ?? '(secret)', shrink: true },
        {
          title: 'given to',
          value: ({ kind, grants }) => (kind === 'text' ? '*' : grants.join(' ') || '-'),
          shrink: true,
        },
        { title: 'by', value: ({ updatedBy }) => updatedBy, shrink: true },
        { title: 'set', value: ({ updatedAt }) => ago(updatedAt) },
      ],
      'no assets yet; make one with `roc assets set`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
