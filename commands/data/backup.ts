import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class DataBackup extends RocCommand<typeof DataBackup> {
  static override summary = 'copy the data folder of an embedded server, running or not';
  static override examples = ['<%= config.bin %> <%= command.id %> /mnt/backup/roc-2026-11-22'];
  static override args = { folder: Args.string({ description: 'folder to make', required: true }) };
  static override flags = {
    'data-dir': Flags.string({ summary: 'folder of the embedded server (.roc)', helpValue: 'DIR' }),
  };

  async run(): Promise<unknown> {
    const { readSection } = await import('../../src/kernel/config.js');
    const { serverConfigSchema } = await import('../../src/orchestrator/config.js');
    const { backupDataDir } = await import('../../src/orchestrator/data/backup.js');
    const flags = { dataDir: this.flags['data-dir'] };
    const { dataDir } = readSection(await this.rocConfig(), 'server', serverConfigSchema, flags);
    const manifest = await backupDataDir(dataDir, this.args.folder, new Date());
    const { files } = manifest;
    this.log(`${files.length} files in ${this.args.folder}; the keys are among them: guard it like them`);
    return manifest;
  }
}
