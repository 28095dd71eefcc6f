import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class KeysUsage extends RocCommand<typeof KeysUsage> {
  static override summary = 'show what an API key used, by day and class of route';
  static override examples = ['<%= config.bin %> <%= command.id %> 01JA9V3R8WZQK4T6E5M2N7X0CB --days 7'];
  static override args = { id: Args.string({ description: 'id of the key', required: true }) };
  static override flags = {
    days: Flags.integer({ summary: 'so many days', helpValue: 'N', default: 30, min: 1, max: 400 }),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const query = { days: this.flags.days };
    const { items } = await api.call('keys.usage', { params: { id: this.args.id }, query });
    await this.table(
      items,
      [
        { title: 'day', value: ({ day }) => day },
        { title: 'class', value: ({ routeClass }) => routeClass },
        { title: 'requests', value: ({ requests }) => String(requests), align: 'right' },
        { title: 'refused', value: ({ denied }) => String(denied), align: 'right' },
      ],
      'not used in this time',
    );
    return { items };
  }
}
