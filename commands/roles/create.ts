import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { PERMISSIONS } from '../../src/protocol/permissions.js';

export default class RolesCreate extends RocCommand<typeof RolesCreate> {
  static override summary = 'create a role out of permissions that you hold';
  static override examples = [
    '<%= config.bin %> <%= command.id %> night-shift --permission jobs:read --permission jobs:cancel',
  ];
  static override args = { name: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    permission: Flags.option({
      options: PERMISSIONS,
      multiple: true,
      required: true,
      summary: 'what it may do; as often as needed',
    })(),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const body = { name: this.args.name, permissions: [...this.flags.permission] };
    const made = await api.call('roles.create', { body });
    this.log(`created role ${made.name}: ${made.permissions.join(', ')}`);
    return made;
  }
}
