import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { provisionFlags } from '../../src/cli/provision-flags.js';

export default class ProvisionDestroy extends RocCommand<typeof ProvisionDestroy> {
  static override summary = 'take the stack down; what holds data stays or leaves a snapshot';
  static override description =
    'Production must be disarmed first, in a step of its own; both steps want the name of the environment.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --disarm --env prod',
    '<%= config.bin %> <%= command.id %> --env prod',
  ];
  static override flags = {
    ...provisionFlags,
    env: Flags.string({ summary: 'the environment, instead of typing it when asked', helpValue: 'NAME' }),
    disarm: Flags.boolean({
      summary: 'only take the protections off; deletes nothing',
      exclusive: ['rearm'],
    }),
    rearm: Flags.boolean({ summary: 'only put them on again' }),
  };
  static override jsonLines = true;

  async run(): Promise<unknown> {
    const { runDestroy } = await import('../../src/stack/run-destroy.js');
    const { terminalFor } = await import('../../src/cli/provision-terminal.js');
    const { askText } = await import('../../src/cli/prompts.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const printJson = this.jsonEnabled() ? (event: unknown) => this.logJsonLine(event) : null;
    const result = await runDestroy({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ version: this.config.version, packageRoot: this.config.root, signal },
      only: this.flags.disarm ? 'disarm' : this.flags.rearm ? 'rearm' : null,
      typedEnv: async (question) => this.flags.env ?? askText(question, 'Name the environment with --env.'),
      terminal: terminalFor({ yes: false, log: (line) => this.log(line), printJson }),
    });
    dispose();
    return { event: 'done', ...result };
  }
}
