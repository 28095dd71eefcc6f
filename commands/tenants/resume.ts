import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { tenantFields } from '../../src/cli/tenant-text.js';

export default class TenantsResume extends RocCommand<typeof TenantsResume> {
  static override summary = 'open a paused or deleted tenant again';
  static override examples = ['<%= config.bin %> <%= command.id %> acme'];
  static override args = { tenant: Args.string({ description: 'its name', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const tenant = await api.call('tenants.resume', { params: { tenant: this.args.tenant } });
    this.fields(tenantFields(tenant));
    return tenant;
  }
}
