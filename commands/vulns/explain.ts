import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { printableLine } from '../../src/cli/printable.js';
import { nowFrom, sourceFlags } from '../../src/cli/vulns-flags.js';

export default class VulnsExplain extends RocCommand<typeof VulnsExplain> {
  static override summary =
    'show why one finding was decided as it was, and the row of the table that decided';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 3c40b18c5d12 --report report.json',
    '<%= config.bin %> <%= command.id %> 3c40b18c5d12 --store .roc/vulns',
  ];
  static override args = {
    key: Args.string({ description: 'key of the finding, or its first characters', required: true }),
  };
  static override flags = {
    ...sourceFlags,
    report: Flags.string({ summary: 'JSON or JSON Lines report of roc', helpValue: 'FILE' }),
  };

  async run(): Promise<unknown> {
    const { explain } = await import('../../src/vulns/explain.js');
    const { vulnsWords } = await import('../../src/vulns/section.js');
    const { finding, table, rows } = await explain({
      ...vulnsWords(await this.rocConfig(), this.flags),
      key: this.args.key,
      packageRoot: this.config.root,
      now: nowFrom(this.flags.now),
    });
    const { decision } = finding;
    this.log(
      `${printableLine(finding.title)}\n${finding.severity}, score ${finding.score}, ${finding.state}, on ${printableLine(finding.resource.id)}`,
    );
    this.log(
      `${decision.action}${decision.dueAt === null ? '' : `, due ${decision.dueAt}`}: ${printableLine(finding.remedy)}\n`,
    );
    for (const reason of decision.reasons) this.log(`- ${printableLine(reason)}`);
    this.log(`\n${table}${decision.row === null ? ': no row decided' : `: row ${decision.row} decided`}`);
    const names = Object.keys(rows[0]?.values ?? {});
    await this.table(
      rows,
      [
        { title: '', value: (row) => (row.decided ? '>' : ' ') },
        { title: 'row', value: (row) => row.row, align: 'right' },
        ...names.map((name) => ({ title: name, value: (row: (typeof rows)[number]) => row.values[name] })),
        { title: 'outcome', value: (row) => row.outcome },
      ],
      'the table is empty',
    );
    return { finding, table, rows };
  }
}
