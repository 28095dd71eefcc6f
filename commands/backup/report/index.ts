import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../../src/cli/command.js';

export default class BackupReport extends RocCommand<typeof BackupReport> {
  static override summary = 'show the evidence of a run again, or roll up a period for the auditor';
  static override description =
    'Reads what runs have written; asks nothing of AWS. Ends with 3 when the run, or anything in the period, did not pass.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 20261002-081500-k3x9',
    '<%= config.bin %> <%= command.id %> --period 2026-Q4 --key evidence.pem.pub --output 2026-Q4.html',
  ];
  static override args = { run: Args.string({ name: 'RUN', description: 'id of a run' }) };
  static override flags = {
    period: Flags.string({ summary: 'all runs of 2026-Q4, 2026-10 or 2026', helpValue: 'PERIOD' }),
    policy: Flags.string({ summary: 'policy whose assets must be in it', helpValue: 'FILE' }),
    key: Flags.string({ summary: 'public key that reports must be signed with', helpValue: 'FILE' }),
    output: Flags.string({
      summary: 'write it as .html, .md or .json, too',
      helpValue: 'FILE',
      multiple: true,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = this;
    if ((args.run === undefined) === (flags.period === undefined))
      throw this.usageError('name a run or a period', 'Write RUN, or --period 2026-Q4.');
    return args.run === undefined ? this.period(flags.period ?? '') : this.single(args.run);
  }

  private async single(run: string): Promise<unknown> {
    const { evidenceFolder, findReport, writeReport } = await import('../../../src/backup/report.js');
    const { facts, verdictSentence } = await import('../../../src/backup/evidence/words.js');
    const found = await findReport(evidenceFolder(await this.rocConfig(), process.cwd()), run);
    for (const file of this.flags.output ?? []) await writeReport(file, found);
    const { report } = found.evidence;
    this.log(`${report.verdict}: ${verdictSentence(report)}`);
    this.fields(facts(found.evidence).map(({ name, value }) => [name.toLowerCase(), value]));
    if (report.verdict !== 'pass') this.endWith(3);
    return { file: found.file, sha256: found.sha256, ...found.evidence };
  }

  private async period(period: string): Promise<unknown> {
    const { rollUpPeriod, writeReport } = await import('../../../src/backup/report.js');
    const { policy, key, output = [] } = this.flags;
    const where = { config: await this.rocConfig(), cwd: process.cwd(), root: this.config.root };
    const rollup = await rollUpPeriod({ ...where, period, policy, key, now: Date.now() });
    for (const file of output) await writeReport(file, rollup);
    const { rollupColumns } = await import('../../../src/cli/backup-text.js');
    await this.table(rollup.assets, rollupColumns, 'no assets');
    if (rollup.verdict !== 'pass') this.endWith(3);
    return rollup;
  }
}
