import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class TenantsCreate extends RocCommand<typeof TenantsCreate> {
  static override summary = 'create a tenant and an invitation for its owner';
  static override description =
    'The token of the invitation is printed once, alone on standard output, to hand over to the owner.';
  static override examples = ['<%= config.bin %> <%= command.id %> acme --owner boss@acme.example'];
  static override args = { name: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    owner: Flags.string({ summary: 'e-mail address of its owner', helpValue: 'E-MAIL', required: true }),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const body = { name: this.args.name, owner: this.flags.owner };
    const made = await api.call('tenants.create', { body });
    this.log(made.invitation.token);
    this.logToStderr(`created tenant ${made.name}; ${this.flags.owner} owns it with that token, one time:`);
    this.logToStderr(`  roc users accept --url ${api.url}`);
    return made;
  }
}
