import { Flags } from '@oclif/core';
import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class KeysList extends RocCommand<typeof KeysList> {
  static override summary = 'list API keys, what each may do and when it was last used';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --prefix k3v9w2qa',
  ];
  static override flags = {
    prefix: Flags.string({ summary: 'only the key that begins so, after "roc_"', helpValue: 'PREFIX' }),
    ...limitFlag,
  };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { limit, prefix } = this.flags;
    const { items, more } = await readList(api, 'keys.list', { query: { prefix }, limit });
    await this.table(
      items,
      [
        { title: 'key', value: ({ id }) => id },
        { title: 'prefix', value: (key) => key.prefix },
        { title: 'consumer', value: ({ consumer }) => consumer, shrink: true },
        { title: 'state', value: ({ state }) => state },
        { title: 'rps', value: ({ rps }) => String(rps), align: 'right' },
        { title: 'daily', value: ({ daily }) => (daily === null ? '-' : String(daily)), align: 'right' },
        { title: 'scopes', value: ({ scopes }) => scopes.join(' '), shrink: true },
        { title: 'expires', value: ({ expiresAt }) => expiresAt.slice(0, 10) },
        { title: 'used', value: ({ lastUsedAt }) => ago(lastUsedAt) },
      ],
      'no keys yet; make one with `roc keys create`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
