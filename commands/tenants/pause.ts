import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { tenantFields } from '../../src/cli/tenant-text.js';

export default class TenantsPause extends RocCommand<typeof TenantsPause> {
  static override summary = 'close a tenant for people and keys; what runs may end';
  static override examples = ['<%= config.bin %> <%= command.id %> acme'];
  static override args = { tenant: Args.string({ description: 'its name', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const tenant = await api.call('tenants.pause', { params: { tenant: this.args.tenant } });
    this.fields(tenantFields(tenant));
    return tenant;
  }
}
