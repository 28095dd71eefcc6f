import { Flags } from '@oclif/core';
import { assetArg, backupFlags } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';

export default class BackupRestore extends RocCommand<typeof BackupRestore> {
  static override summary =
    "restore a copy that is kept, with the source's placement; on request, cut over to it";
  static override description =
    'Run again with the same --to, it goes on where it was. The cut-over renames the source out of the way and the copy into its name; the endpoint keeps its name, the former database stays.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> roc-database --point pitr:latest --to roc-restored',
    '<%= config.bin %> <%= command.id %> roc-database --point latest --to roc-restored --cut-over --yes',
  ];
  static override args = { asset: assetArg };
  static override flags = {
    ...backupFlags,
    point: Flags.string({ summary: 'restore point, as for verify', required: true, helpValue: 'POINT' }),
    to: Flags.string({ summary: 'id of the new instance', required: true, helpValue: 'ID' }),
    'cut-over': Flags.boolean({ summary: "give the copy the source's name once it is available" }),
    yes: Flags.boolean({ char: 'y', summary: 'cut over without asking' }),
  };

  async run(): Promise<unknown> {
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { confirm } = await import('../../src/cli/prompts.js');
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openRoom } = await import('../../src/backup/room.js');
    const { restore } = await import('../../src/backup/restore.js');
    const { restoreFields } = await import('../../src/backup/text.js');
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
    });
    const { point, to, 'cut-over': cutOver } = this.flags;
    if (cutOver) await confirm(`Rename the source and put ${to} in its place?`, this.flags);
    const { signal, dispose } = interruptible();
    const progress = startProgress('looking at the backups', { quiet: this.jsonEnabled() });
    const onProgress = (text: string) => progress.update(text);
    const { asset } = this.args;
    const restored = await restore(room, { asset, point, to, cutOver, signal, onProgress }).finally(() =>
      progress.done(),
    );
    dispose();
    this.fields(restoreFields(restored));
    return restored;
  }
}
