import { Flags } from '@oclif/core';
import { RocCommand } from '../src/cli/command.js';

export default class Migrate extends RocCommand<typeof Migrate> {
  static override summary = "bring the database's schema up to date and end";
  static override description =
    '`roc serve` does the same when it starts; this is for a step of its own before it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --database mysql://roc@db.internal/roc',
  ];

  static override flags = {
    'data-dir': Flags.string({ summary: 'folder of an embedded server (.roc)', helpValue: 'DIR' }),
    database: Flags.string({ summary: 'sqlite:PATH or mysql://user@host/database', helpValue: 'URL' }),
  };

  async run(): Promise<unknown> {
    const { readSection } = await import('../src/kernel/config.js');
    const { serverConfigSchema, serverFlags } = await import('../src/orchestrator/config.js');
    const config = readSection(await this.rocConfig(), 'server', serverConfigSchema, serverFlags(this.flags));
    const { migrateDatabase } = await import('../src/orchestrator/migrate-database.js');
    const items = await migrateDatabase(config);
    await this.table(
      items,
      [
        { title: 'VERSION', value: (row) => String(row.version) },
        { title: 'NAME', value: (row) => row.name },
      ],
      'the schema is up to date',
    );
    return { items };
  }
}
