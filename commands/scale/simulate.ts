import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { startProgress } from '../../src/cli/progress.js';
import { simulateFlags } from '../../src/cli/simulate-flags.js';
import type { Simulated } from '../../src/scale/simulate/simulate-files.js';

export default class ScaleSimulate extends RocCommand<typeof ScaleSimulate> {
  static override summary = 'prove a scaling policy on past demand, beside baselines and a clairvoyant';
  static override description =
    'Runs the same decision as `roc scale watch`, minute by minute. Every policy but roc is an emulation of documented behaviour: static4, tt50 (AWS target tracking, 50 % CPU), tt50-5m, tt50-1dp, tt50-req, pred50, step, hpa60, hpa60w30 (window of 30 minutes), oracle.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> requests.csv --against tt50,hpa60w60,static4,oracle',
    '<%= config.bin %> <%= command.id %> cloudwatch:14d --policy policies/scale.yaml --suggest --output report.html',
    '<%= config.bin %> <%= command.id %> requests.csv --outage 45m --launch-failures 0.2',
  ];
  static override args = {
    file: Args.string({
      description: 'CSV of times and values, gzipped or not; or cloudwatch:14d',
      multiple: true,
      required: true,
    }),
  };
  static override flags = simulateFlags;

  async run(): Promise<unknown> {
    const { requestOf } = await import('../../src/scale/simulate/request.js');
    const { simulateFiles } = await import('../../src/scale/simulate/simulate-files.js');
    const { isOver } = await import('../../src/scale/simulate/gate.js');
    const progress = startProgress('reading', { quiet: this.jsonEnabled() || !process.stderr.isTTY });
    const { request, mostAvoidable } = requestOf(this.flags, {
      inputs: this.args.file,
      packageRoot: this.config.root,
      config: await this.rocConfig(),
      cwd: process.cwd(),
      env: process.env,
      now: Date.now,
      onProgress: (text) => progress.update(text),
    });
    const simulated = await simulateFiles(request).finally(() => progress.done());
    if (!this.jsonEnabled()) await this.show(simulated);
    this.endWith(isOver(simulated.report, mostAvoidable) ? 3 : 0);
    return simulated.report;
  }

  private async show({ report, pictures, warnings }: Simulated): Promise<void> {
    const { screenKind } = await import('../../src/cli/live-screen.js');
    const screen = await import('../../src/scale/simulate/report/screen.js');
    for (const line of warnings) this.warn(line);
    const kind = screenKind(process.stdout, process.env);
    const style = { ...kind, isUnicode: kind.isUnicode && !this.flags.ascii };
    if (this.flags.chart ?? pictures.length <= 3)
      for (const picture of pictures) this.log(screen.chartText(picture, report.fleet, style));
    for (const { title, rows, columns } of screen.screenTables(report)) {
      if (title !== '') this.log(title);
      await this.table(rows, columns, 'nothing');
      this.log();
    }
    for (const line of screen.closingLines(report)) this.log(line);
  }
}
