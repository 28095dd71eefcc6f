import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class DataRestore extends RocCommand<typeof DataRestore> {
  static override summary = 'put a copy made by `roc data backup` where no data folder is';
  static override examples = ['<%= config.bin %> <%= command.id %> /mnt/backup/roc-2026-11-22'];
  static override args = {
    folder: Args.string({ description: 'folder that `roc data backup` made', required: true }),
  };
  static override flags = {
    'data-dir': Flags.string({ summary: 'folder of the embedded server (.roc)', helpValue: 'DIR' }),
  };

  async run(): Promise<unknown> {
    const { readSection } = await import('../../src/kernel/config.js');
    const { serverConfigSchema } = await import('../../src/orchestrator/config.js');
    const { restoreDataDir } = await import('../../src/orchestrator/data/backup.js');
    const flags = { dataDir: this.flags['data-dir'] };
    const { dataDir } = readSection(await this.rocConfig(), 'server', serverConfigSchema, flags);
    const manifest = await restoreDataDir(this.args.folder, dataDir);
    const { files, createdAt } = manifest;
    this.log(`${files.length} files restored to ${dataDir}, as they were at ${createdAt}`);
    return manifest;
  }
}
