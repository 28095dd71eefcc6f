import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags, yesFlag } from '../../src/cli/provision-flags.js';

export default class ProvisionRecover extends RocCommand<typeof ProvisionRecover> {
  static override summary = 'lead the stack out of the state that a failed operation left it in';
  static override description =
    'Deletes a first creation that failed, continues a rollback that stopped, cleans away a plan that was never applied, joins what runs. Never deletes a stack that holds data.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --skip Listener',
    '<%= config.bin %> <%= command.id %> --leave Database --yes',
  ];
  static override flags = {
    ...provisionFlags,
    ...yesFlag,
    skip: Flags.string({
      summary: 'leave this failed resource as it is and continue the rollback; may be given several times',
      helpValue: 'LOGICAL_ID',
      multiple: true,
      default: [],
    }),
    leave: Flags.string({
      summary: 'keep this resource outside the stack that is deleted; may be given several times',
      helpValue: 'LOGICAL_ID',
      multiple: true,
      default: [],
    }),
  };
  static override jsonLines = true;

  async run(): Promise<unknown> {
    const { runRecovery } = await import('../../src/stack/run-recovery.js');
    const { terminalFor } = await import('../../src/cli/provision-terminal.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const printJson = this.jsonEnabled() ? (event: unknown) => this.logJsonLine(event) : null;
    const result = await runRecovery({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root, signal },
      ...{ skip: this.flags.skip, leave: this.flags.leave },
      terminal: terminalFor({ yes: this.flags.yes, log: (line) => this.log(line), printJson }),
    });
    dispose();
    return { event: 'done', ...result };
  }
}
