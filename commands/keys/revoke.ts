import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class KeysRevoke extends RocCommand<typeof KeysRevoke> {
  static override summary = 'revoke an API key; within five seconds no node takes it';
  static override examples = ['<%= config.bin %> <%= command.id %> 01JA9V3R8WZQK4T6E5M2N7X0CB'];
  static override args = { id: Args.string({ description: 'id of the key', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const { id } = this.args;
    await api.call('keys.revoke', { params: { id } });
    this.log(`revoked key ${id}`);
    return { id, state: 'revoked' };
  }
}
