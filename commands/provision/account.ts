import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags, yesFlag } from '../../src/cli/provision-flags.js';

export default class ProvisionAccount extends RocCommand<typeof ProvisionAccount> {
  static override summary = 'adopt or make what an account has once: threat detection, hub, scans, records';
  static override description =
    'GuardDuty, AWS Config, Security Hub, Inspector, the scanning of images and CloudTrail are adopted where they are there and made where not. With backup.copyRegion, the vault of the copies is made there. The stack owns none of them. A dry run ends with 3 while one is missing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run',
    '<%= config.bin %> <%= command.id %> --yes',
  ];
  static override flags = {
    ...provisionFlags,
    ...yesFlag,
    'dry-run': Flags.boolean({ summary: 'look and say, make nothing' }),
  };

  async run(): Promise<unknown> {
    const { confirm } = await import('../../src/cli/prompts.js');
    const { ensureAccount } = await import('../../src/stack/account.js');
    const { accountOf } = await import('../../src/stack/account-room.js');
    const room = accountOf({ config: await this.rocConfig(), env: process.env, flags: this.flags });
    const looked = await ensureAccount(room.port, true);
    const wanted = looked.filter(({ state }) => state === 'would be made').map(({ service }) => service);
    const isDry = this.flags['dry-run'] || wanted.length === 0;
    if (!isDry) await confirm(`Make ${wanted.join(', ')} in ${room.region}? They cost by use.`, this.flags);
    const items = isDry ? looked : await ensureAccount(room.port, false);
    await this.table(
      items,
      [
        { title: 'service', value: (row) => row.service },
        { title: 'state', value: (row) => row.state },
      ],
      'nothing',
    );
    if (items.some(({ state }) => state === 'would be made')) this.endWith(3);
    return { region: room.region, items };
  }
}
