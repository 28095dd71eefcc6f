import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class NodesList extends RocCommand<typeof NodesList> {
  static override summary = 'list the servers of this installation';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = limitFlag;

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { items, more } = await readList(api, 'nodes.list', { query: {}, limit: this.flags.limit });
    await this.table(
      items,
      [
        { title: 'node', value: (node) => node.id },
        { title: 'instance', value: (node) => node.instanceId ?? '' },
        { title: 'state', value: (node) => node.state },
        { title: 'roc', value: (node) => node.version, shrink: true },
        { title: 'held', value: (node) => String(node.load.held), align: 'right' },
        { title: 'busy', value: (node) => `${Math.round(node.load.busy * 100)} %`, align: 'right' },
        { title: 'started', value: (node) => ago(node.startedAt) },
        { title: 'seen', value: (node) => ago(node.lastSeenAt) },
      ],
      'no nodes: this server is older than the list',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
