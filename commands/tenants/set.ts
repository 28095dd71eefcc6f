import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { tenantFields } from '../../src/cli/tenant-text.js';

export default class TenantsSet extends RocCommand<typeof TenantsSet> {
  static override summary = 'say what a tenant demands of its people';
  static override description =
    'Where a second factor is demanded, whoever has none may enrol one and nothing else, within seconds; people of an identity provider are asked there. API keys go on.';
  static override examples = ['<%= config.bin %> <%= command.id %> acme --require-second-factor'];
  static override args = { tenant: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    'require-second-factor': Flags.boolean({
      summary: 'demand a second factor of everybody who signs in with a password',
      allowNo: true,
      required: true,
    }),
  };

  async run(): Promise<unknown> {
    const api = await this.api();
    const tenant = await api.call('tenants.set', {
      params: { tenant: this.args.tenant },
      body: { needsSecondFactor: this.flags['require-second-factor'] === true },
    });
    this.fields(tenantFields(tenant));
    return tenant;
  }
}
