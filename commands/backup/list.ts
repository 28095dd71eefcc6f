import { Flags } from '@oclif/core';
import { assetArg, backupFlags } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BackupList extends RocCommand<typeof BackupList> {
  static override summary =
    'list restore points, gaps against the RPO, retention drift, or the runs on this host';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> roc-database --json',
    '<%= config.bin %> <%= command.id %> --runs',
  ];
  static override args = { asset: assetArg };
  static override flags = {
    ...backupFlags,
    runs: Flags.boolean({ summary: 'list the verifications whose journals are on this host' }),
  };

  async run(): Promise<unknown> {
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openRoom } = await import('../../src/backup/room.js');
    const { listBackups } = await import('../../src/backup/list.js');
    const { listRunsHere } = await import('../../src/backup/runs.js');
    const { pointColumns, runColumns, stateLines } = await import('../../src/backup/text.js');
    if (this.flags.runs) {
      const { items, dir } = listRunsHere(await this.rocConfig(), process.cwd());
      await this.table(items, runColumns, `no runs in ${dir}`);
      return { items };
    }
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
    });
    const list = await listBackups(room, this.args.asset);
    await this.table(list.items, pointColumns(room.now()), 'no restore points');
    for (const state of list.assets) for (const line of stateLines(state)) this.log(line);
    return list;
  }
}
