import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class RolesDelete extends RocCommand<typeof RolesDelete> {
  static override summary = 'delete a role of the tenant that nobody holds';
  static override examples = ['<%= config.bin %> <%= command.id %> night-shift'];
  static override args = { role: Args.string({ description: 'its name', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    await api.call('roles.delete', { params: { role: this.args.role } });
    this.log(`deleted role ${this.args.role}`);
    return { role: this.args.role, deleted: true };
  }
}
