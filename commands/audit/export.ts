import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class AuditExport extends RocCommand<typeof AuditExport> {
  static override summary = 'write the whole audit chain to a file, to be verified elsewhere';
  static override examples = ['<%= config.bin %> <%= command.id %> -o audit-2026-03.jsonl'];
  static override flags = {
    output: Flags.string({
      char: 'o',
      summary: 'the file; one that exists is not overwritten',
      helpValue: 'FILE',
      required: true,
    }),
  };

  async run(): Promise<unknown> {
    const { saveAuditExport } = await import('../../src/cli/audit-export.js');
    const { file, bytes } = await saveAuditExport(await this.api(), this.flags.output);
    this.log(`wrote ${file} (${bytes} bytes); verify it with \`roc audit verify ${file} --public-key KEY\``);
    return { file, bytes };
  }
}
