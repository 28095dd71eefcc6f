import { Flags } from '@oclif/core';
import { assetArg, backupFlags } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';

export default class BackupRun extends RocCommand<typeof BackupRun> {
  static override summary = 'make a backup now, with a manifest that its restored copy is compared with';
  static override examples = [
    '<%= config.bin %> <%= command.id %> roc-database',
    '<%= config.bin %> <%= command.id %> roc-database --no-wait --json',
  ];
  static override args = { asset: assetArg };
  static override flags = {
    ...backupFlags,
    manifest: Flags.boolean({ summary: 'take a manifest first', default: true, allowNo: true }),
    wait: Flags.boolean({ summary: 'wait until the snapshot is made', default: true, allowNo: true }),
  };

  async run(): Promise<unknown> {
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openRoom } = await import('../../src/backup/room.js');
    const { backUp } = await import('../../src/backup/back-up.js');
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
    });
    const { signal, dispose } = interruptible();
    const progress = startProgress('looking at the database', { quiet: this.jsonEnabled() });
    const { manifest, wait } = this.flags;
    const onProgress = (text: string) => progress.update(text);
    const made = await backUp(room, { asset: this.args.asset, manifest, wait, signal, onProgress }).finally(
      () => progress.done(),
    );
    dispose();
    this.fields([
      ['snapshot', `${made.snapshot}, ${made.status}`],
      ['manifest', made.manifest === null ? 'none' : made.manifest.file],
      ['rows', made.manifest?.rows],
      ['written meanwhile', made.manifest === null ? undefined : (made.manifest.written ?? 'not known')],
    ]);
    return made;
  }
}
