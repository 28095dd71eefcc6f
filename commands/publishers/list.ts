import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class PublishersList extends RocCommand<typeof PublishersList> {
  static override summary = 'list publishers whose signatures are taken';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = limitFlag;

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { items, more } = await readList(api, 'publishers.list', { limit: this.flags.limit });
    await this.table(
      items,
      [
        { title: 'publisher', value: ({ id }) => id },
        { title: 'name', value: ({ name }) => name },
        { title: 'key', value: ({ keyId }) => keyId },
        { title: 'for', value: ({ purpose }) => purpose },
        { title: 'state', value: ({ state }) => state },
        { title: 'by', value: ({ createdBy }) => createdBy, shrink: true },
        { title: 'since', value: ({ createdAt }) => ago(createdAt) },
      ],
      'no publishers yet; make a key with `roc robots keygen`, then `roc publishers add`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
