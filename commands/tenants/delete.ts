import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { tenantFields } from '../../src/cli/tenant-text.js';

export default class TenantsDelete extends RocCommand<typeof TenantsDelete> {
  static override summary = 'close a tenant, and empty it after some days';
  static override description =
    'Until then `roc tenants resume` brings it back. Robots, jobs, logs and people go; its audit chain stays as long as its retention says.';
  static override examples = ['<%= config.bin %> <%= command.id %> acme --keep-days 30 --yes'];
  static override args = { tenant: Args.string({ description: 'its name', required: true }) };
  static override flags = {
    'keep-days': Flags.integer({ summary: 'days until its data go', min: 0, max: 3650, default: 30 }),
    yes: Flags.boolean({ char: 'y', summary: 'do not ask' }),
  };

  async run(): Promise<unknown> {
    const { confirm } = await import('../../src/cli/prompts.js');
    const api = await this.api();
    const keepDays = this.flags['keep-days'];
    await confirm(`Delete tenant ${this.args.tenant}, and its data in ${keepDays} days?`, this.flags);
    const tenant = await api.call('tenants.delete', {
      params: { tenant: this.args.tenant },
      query: { keepDays },
    });
    this.fields(tenantFields(tenant));
    return tenant;
  }
}
