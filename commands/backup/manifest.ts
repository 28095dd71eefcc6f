import { assetArg, backupFlags } from '../../src/cli/backup-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';

export default class BackupManifest extends RocCommand<typeof BackupManifest> {
  static override summary =
    'write down what an asset holds now: rows, objects or configuration, as counts and hashes';
  static override description =
    'Of a database it describes the instant of the snapshot that is made right after it (`roc backup run` makes both); give such a snapshot the tags that are printed. Of configuration it is an encrypted export.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> roc-database',
    '<%= config.bin %> <%= command.id %> robots --json',
  ];
  static override args = { asset: assetArg };
  static override flags = backupFlags;

  async run(): Promise<unknown> {
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { createBastion } = await import('../../src/bastion/library.js');
    const { openRoom } = await import('../../src/backup/room.js');
    const { takeAssetManifest } = await import('../../src/backup/stored/take.js');
    const room = await openRoom({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ root: this.config.root, version: this.config.version, log: this.roomLog(), createBastion },
    });
    const { signal, dispose } = interruptible();
    const progress = startProgress('reading', { quiet: this.jsonEnabled() });
    const onProgress = (text: string) => progress.update(text);
    const taken = await takeAssetManifest(room, { asset: this.args.asset, signal, onProgress }).finally(() =>
      progress.done(),
    );
    dispose();
    this.fields([
      ['manifest', taken.file],
      ...Object.entries(taken.holds),
      ['written meanwhile', taken.type === 'rds-mysql' ? (taken.written ?? 'not known') : undefined],
      ...Object.entries(taken.tags).map(([name, value]): [string, string] => [`tag ${name}`, value]),
    ]);
    return taken;
  }
}
