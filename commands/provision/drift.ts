import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionDrift extends RocCommand<typeof ProvisionDrift> {
  static override summary = "find what was changed in the account behind the stack's back";
  static override description =
    'Ends with 3 when something has drifted, or AWS could not look at everything. What AWS changes by itself (a minor version of the database) is told and is no drift.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];
  static override flags = provisionFlags;

  async run(): Promise<unknown> {
    const { setUpStack } = await import('../../src/stack/setup.js');
    const { findDrift } = await import('../../src/stack/drift.js');
    const { startProgress } = await import('../../src/cli/progress.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const progress = startProgress('AWS compares the stack with the account', {
      quiet: this.jsonEnabled() || !process.stderr.isTTY,
    });
    const { engine, stackName } = setUpStack({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root, signal },
      onEvent: (event) => event.event === 'step' && progress.line(event.text),
    });
    const report = await findDrift(engine, stackName).finally(() => progress.done());
    dispose();
    const told = report.resources.filter(({ verdict }) => verdict !== 'inSync' && verdict !== 'unknown');
    for (const { logicalId, type, verdict, differences } of told) {
      this.log(`${verdict}  ${logicalId}  ${type}`);
      for (const { path, expected, actual, managedBecause } of differences)
        this.log(
          `  ${path.slice(1)}: ${expected} → ${actual}${managedBecause ? `  (${managedBecause})` : ''}`,
        );
    }
    const unknown = report.resources.filter(({ verdict }) => verdict === 'unknown').length;
    const rest = unknown === 0 ? '' : `; AWS cannot tell for ${unknown}`;
    const blind = report.incomplete === null ? '' : ', and AWS could not look at everything';
    const says = report.hasDrifted
      ? 'the stack has drifted'
      : report.incomplete
        ? 'no drift was seen'
        : 'no drift';
    this.log(`${says}${blind}${rest}`);
    if (report.hasDrifted || report.incomplete !== null) this.endWith(3);
    return report;
  }
}
