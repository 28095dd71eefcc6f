import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class PublishersRevoke extends RocCommand<typeof PublishersRevoke> {
  static override summary =
    'trust a publisher no more; what it signed is refused where signatures are demanded';
  static override examples = ['<%= config.bin %> <%= command.id %> 01JA9V3R8WZQK4T6E5M2N7X0CB'];
  static override args = { id: Args.string({ description: 'id of the publisher', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const { id } = this.args;
    await api.call('publishers.revoke', { params: { id } });
    this.log(`revoked publisher ${id}`);
    return { id, state: 'revoked' };
  }
}
