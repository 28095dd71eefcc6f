import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionEvents extends RocCommand<typeof ProvisionEvents> {
  static override summary = 'tell the last operation again, or follow the one that runs';
  static override description = 'Ends with 3 when the operation failed. With --json a line for each event.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --follow --json',
  ];
  static override flags = {
    ...provisionFlags,
    follow: Flags.boolean({ char: 'f', summary: 'go on until the operation ends or Ctrl-C' }),
  };
  static override jsonLines = true;

  async run(): Promise<unknown> {
    const { setUpStack } = await import('../../src/stack/setup.js');
    const { tellOperation } = await import('../../src/stack/tell-operation.js');
    const { narrator } = await import('../../src/stack/text/narrate.js');
    const { operationProgress } = await import('../../src/cli/operation-progress.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const printJson = this.jsonEnabled() ? (event: unknown) => this.logJsonLine(event) : null;
    const progress = operationProgress(() => narrator(null), printJson);
    const { engine, stackName } = setUpStack({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root, signal },
      onEvent: (event) => progress.onEvent(event),
    });
    const told = await tellOperation(engine, stackName, this.flags.follow).finally(() => progress.done());
    dispose();
    if (told.cause !== null) {
      const { logicalId, type, reason, advice } = told.cause;
      this.log(`\nfirst cause: ${logicalId} (${type}): ${reason}\n  next: ${advice}`);
    }
    if (told.hasFailed) this.endWith(3);
    return { event: 'done', ...told };
  }
}
