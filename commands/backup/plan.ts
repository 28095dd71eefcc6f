import { assetArg, backupFlags, pointFlag } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BackupPlan extends RocCommand<typeof BackupPlan> {
  static override summary =
    'show what a verification would restore, where, at what price, and whether it could';
  static override description = 'Changes nothing. Ends with 3 where a verification would not begin.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> roc-database',
    '<%= config.bin %> <%= command.id %> roc-database --point pitr:latest --json',
  ];
  static override args = { asset: assetArg };
  static override flags = { ...backupFlags, point: pointFlag };

  async run(): Promise<unknown> {
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openRoom } = await import('../../src/backup/room.js');
    const { planWithParts } = await import('../../src/backup/parts.js');
    const { checkColumns, planFields } = await import('../../src/backup/text.js');
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
    });
    const plan = await planWithParts(room, { asset: this.args.asset, point: this.flags.point });
    this.fields(planFields(plan));
    this.log();
    await this.table(plan.preflight, checkColumns, 'nothing to look at before it');
    this.log(plan.ready ? '\nnothing stands in its way' : '\na verification would not begin');
    if (!plan.ready) this.endWith(3);
    return plan;
  }
}
