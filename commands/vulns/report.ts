import { Args } from '@oclif/core';
import { awsFlags } from '../../src/cli/aws-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';
import { liveFlags, nowFrom, outputFlags, sourceFlags } from '../../src/cli/vulns-flags.js';
import type { Finding } from '../../src/vulns/model.js';
import type { ReportHead } from '../../src/vulns/report-model.js';

type Terminal = typeof import('../../src/vulns/outputs/terminal.js');

export default class VulnsReport extends RocCommand<typeof VulnsReport> {
  static override summary = 'say what to fix first, by when and why, from scanner and AWS findings';
  static override examples = [
    '<%= config.bin %> <%= command.id %> findings.json',
    '<%= config.bin %> <%= command.id %> exports/ --fail-on kev --output report.html=html',
    '<%= config.bin %> <%= command.id %> --live ecr,inspector --regions eu-west-1,us-east-1 --store .roc/vulns',
  ];
  static override args = {
    input: Args.string({ description: 'files and folders; - is standard input', multiple: true }),
  };
  static override flags = { ...sourceFlags, ...liveFlags, ...awsFlags, ...outputFlags };

  async run(): Promise<undefined> {
    const { makeReport } = await import('../../src/vulns/report.js');
    const { reportOptions, stdoutFormat } = await import('../../src/vulns/report-options.js');
    const format = stdoutFormat(this.jsonEnabled() ? 'json' : this.flags.format);
    const progress = startProgress('reading findings', { quiet: format !== null || !process.stderr.isTTY });
    const { head, top, incomplete } = await makeReport({
      ...reportOptions({ ...this.flags, inputs: this.args.input ?? [] }, process.env),
      packageRoot: this.config.root,
      now: nowFrom(this.flags.now),
      top: this.flags.top,
      stdout: format === null ? undefined : { stream: process.stdout, format },
      onProgress: (text) => progress.update(text),
    }).finally(() => progress.done());
    const terminal = await import('../../src/vulns/outputs/terminal.js');
    if (format === null) await this.show(terminal, head, top);
    for (const line of [...head.warnings, ...terminal.problemLines(head)]) this.warn(line);
    if (head.gates.some((gate) => !gate.passed)) this.endWith(3);
    // Whatever else it found: who asked for everything did not get it.
    if (incomplete !== null) this.endWith(incomplete.exitCode);
  }

  private async show(terminal: Terminal, head: ReportHead, top: readonly Finding[]): Promise<void> {
    const width = process.stdout.columns ?? 100;
    this.log([...terminal.summaryLines(head), ''].join('\n'));
    await this.table(head.plan.slice(0, this.flags.top), terminal.planColumns(width), 'nothing to do');
    this.log();
    await this.table(top, terminal.findingColumns(width), 'no findings');
    for (const line of terminal.gateLines(head)) this.log(line);
  }

  // The report was streamed to stdout already; it may be larger than a string can be.
  override logJson(json: unknown): void {
    if (json !== undefined) super.logJson(json);
  }
}
