import { Flags } from '@oclif/core';
import { backupFlags } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';

export default class BackupSweep extends RocCommand<typeof BackupSweep> {
  static override summary = 'take away what killed verifications left behind';
  static override description =
    'Shows what it would take; with --yes it does. It takes only what has the tag, the name, an expiry that has passed, is no source, and is driven by nobody. Run it every hour.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --yes',
  ];
  static override flags = { ...backupFlags, yes: Flags.boolean({ char: 'y', summary: 'delete it' }) };

  async run(): Promise<unknown> {
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openRoom, sweepOptions } = await import('../../src/backup/room.js');
    const { sweep } = await import('../../src/backup/sweep.js');
    const { sweepColumns } = await import('../../src/backup/text.js');
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
    });
    const { signal, dispose } = interruptible();
    const progress = startProgress('looking for what was left', { quiet: this.jsonEnabled() });
    const items = await sweep({ ...sweepOptions(room), apply: this.flags.yes, signal }).finally(() =>
      progress.done(),
    );
    dispose();
    await this.table(items, sweepColumns, 'nothing was left behind');
    if (items.some(({ outcome }) => outcome === 'failed')) this.endWith(3);
    return { items };
  }
}
