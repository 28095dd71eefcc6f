import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';

export default class DataMove extends RocCommand<typeof DataMove> {
  static override summary = 'move an installation from SQLite to MySQL, and its robots to S3';
  static override description =
    'Stop the server first. Rows and robots are copied, then compared on both sides; nothing of the source changes.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --to mysql://roc@db.internal/roc --blobs-to s3://bucket/robots',
  ];
  static override flags = {
    'data-dir': Flags.string({ summary: 'folder of the embedded server (.roc)', helpValue: 'DIR' }),
    from: Flags.string({ summary: 'database to move from; DATA_DIR/roc.db by default', helpValue: 'URL' }),
    to: Flags.string({ summary: 'database to move to, empty or half moved', helpValue: 'URL' }),
    'blobs-to': Flags.string({
      summary: 'place for robots: s3://BUCKET/PREFIX or file:PATH',
      helpValue: 'URL',
    }),
  };

  async run(): Promise<unknown> {
    const { readSection } = await import('../../src/kernel/config.js');
    const { silentLog } = await import('../../src/kernel/log.js');
    const { serverConfigSchema } = await import('../../src/orchestrator/config.js');
    const { moveData } = await import('../../src/orchestrator/data/move.js');
    const { to = null, from, 'blobs-to': blobsTo = null } = this.flags;
    const flags = { dataDir: this.flags['data-dir'], database: from };
    const config = readSection(await this.rocConfig(), 'server', serverConfigSchema, flags);
    const progress = startProgress('moving', { quiet: this.jsonEnabled() });
    const options = { config, to, blobsTo, env: process.env, log: silentLog, onStep: progress.update };
    const { tables, blobs } = await moveData(options).finally(() => progress.done());
    await this.table(
      tables.filter(({ rows }) => rows > 0),
      [
        { title: 'table', value: (row) => row.table },
        { title: 'rows', value: (row) => String(row.rows), align: 'right' },
        { title: 'sha256, both sides', value: (row) => row.sha256.slice(0, 16) },
      ],
      'no rows to move',
    );
    if (blobs !== null) this.log(`${blobs.blobs} robots, ${blobs.bytes} bytes, the same on both sides`);
    return { items: tables, blobs };
  }
}
