import { Args } from '@oclif/core';
import { awsFlags } from '../../src/cli/aws-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';
import { liveFlags, nowFrom, outputFlags, sourceFlags } from '../../src/cli/vulns-flags.js';
import type { ReportResult } from '../../src/vulns/report-request.js';

type Terminal = typeof import('../../src/vulns/outputs/terminal.js');

export default class VulnsReport extends RocCommand<typeof VulnsReport> {
  static override summary = 'say what to fix first, by when and why, from scanner and AWS findings';
  static override examples = [
    '<%= config.bin %> <%= command.id %> exports/ --fail-on kev --output report.html=html',
    '<%= config.bin %> <%= command.id %> --live ecr,inspector --regions eu-west-1,us-east-1 --store .roc/vulns',
    '<%= config.bin %> <%= command.id %> pull-request.json --baseline main.json --fail-on new,high',
  ];
  static override args = {
    input: Args.string({ description: 'files and folders; - is standard input', multiple: true }),
  };
  static override flags = { ...sourceFlags, ...liveFlags, ...awsFlags, ...outputFlags };

  async run(): Promise<undefined> {
    const { makeReport } = await import('../../src/vulns/report.js');
    const { reportOptions, stdoutFormat } = await import('../../src/vulns/report-options.js');
    const words = { ...this.flags, inputs: this.args.input ?? [] };
    const format = stdoutFormat(this.jsonEnabled() ? 'json' : this.flags.format);
    const progress = startProgress('reading findings', { quiet: format !== null || !process.stderr.isTTY });
    const made = await makeReport({
      ...reportOptions(await this.rocConfig(), words, process.env, nowFrom(this.flags.now)),
      packageRoot: this.config.root,
      top: this.flags.publish ? Math.max(this.flags.top, 5000) : this.flags.top,
      stdout: format === null ? undefined : { stream: process.stdout, format },
      onProgress: (text) => progress.update(text),
    }).finally(() => progress.done());
    const terminal = await import('../../src/vulns/outputs/terminal.js');
    if (format === null) await this.show(terminal, made);
    for (const line of terminal.warningLines(made.head)) this.warn(line);
    this.endWith(this.flags.publish ? await this.publish(made) : made.exitCode);
  }

  private async show(terminal: Terminal, made: ReportResult): Promise<void> {
    this.log(terminal.summaryLines(made.head).join('\n'));
    for (const table of terminal.screenTables(made, this.flags.top, process.stdout.columns ?? 100)) {
      this.log();
      await this.table(table.rows, table.columns, table.empty);
    }
    for (const line of terminal.gateLines(made.head)) this.log(line);
  }

  private async publish(made: ReportResult): Promise<number> {
    const { tryToPublish } = await import('../../src/cli/publish-evidence.js');
    const evidence = import('../../src/vulns/evidence.js').then(({ evidenceOf }) => evidenceOf(made));
    const { published, says, exitCode } = await tryToPublish(() => this.api(), evidence);
    this[published === null ? 'warn' : 'logToStderr'](says);
    return made.exitCode || exitCode;
  }

  // The report was streamed to stdout already; it may be larger than a string can be.
  override logJson(): void {}
}
