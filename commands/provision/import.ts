import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags, yesFlag } from '../../src/cli/provision-flags.js';

export default class ProvisionImport extends RocCommand<typeof ProvisionImport> {
  static override summary = 'take existing resources into the stack, as they are';
  static override description =
    'The logical id is that of `roc provision template`; what it refers to must be in the stack or taken in with it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> RobotsBucket=roc-prod-robots-1a2b',
    '<%= config.bin %> <%= command.id %> Database=roc-prod DataKey=6f0e0000-0000-4000-8000-000000000001',
  ];
  static override args = {
    resource: Args.string({
      description: 'LOGICAL_ID=PHYSICAL_ID, one or more',
      required: true,
      multiple: true,
    }),
  };
  static override flags = { ...provisionFlags, ...yesFlag };
  static override jsonLines = true;

  async run(): Promise<unknown> {
    const { runImport } = await import('../../src/stack/run-import.js');
    const { terminalFor } = await import('../../src/cli/provision-terminal.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const wishes = (this.args.resource ?? []).map((word) => this.wish(word));
    const { signal, dispose } = interruptible();
    const printJson = this.jsonEnabled() ? (event: unknown) => this.logJsonLine(event) : null;
    const result = await runImport({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root, signal },
      wishes,
      terminal: terminalFor({ yes: this.flags.yes, log: (line) => this.log(line), printJson }),
    });
    dispose();
    return { event: 'done', ...result };
  }

  private wish(word: string): { logicalId: string; physicalId: string } {
    const [, logicalId, physicalId] = /^([A-Za-z0-9]+)=(.+)$/.exec(word) ?? [];
    if (logicalId !== undefined && physicalId !== undefined) return { logicalId, physicalId };
    throw this.usageError(
      `"${word}" is no LOGICAL_ID=PHYSICAL_ID`,
      'Write it as RobotsBucket=name-of-the-bucket.',
    );
  }
}
