import { Flags } from '@oclif/core';
import { sessionFlags, targetArg } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionExec extends RocCommand<typeof BastionExec> {
  static override summary = 'run a command on an instance, or on all that carry a tag';
  static override description =
    'One word after -- is a line for the shell there; several are run as they stand. On one instance the exit code is that of the command; on several it is 3 if any failed.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> i-0123456789abcdef0 -- uptime',
    '<%= config.bin %> <%= command.id %> Env=prod -- "systemctl is-active api | tail -1"',
  ];
  static override args = { target: { ...targetArg, required: true } };
  static override strict = false;
  static override flags = {
    ...sessionFlags,
    document: Flags.string({ summary: 'AWS-StartNonInteractiveCommand by default', helpValue: 'NAME' }),
    concurrency: Flags.integer({
      summary: 'instances at a time',
      min: 1,
      max: 100,
      default: 10,
      helpValue: 'N',
    }),
    windows: Flags.boolean({ summary: 'the instance runs Windows; needed only where TARGET is an id' }),
  };

  async run(): Promise<unknown> {
    const { executeCommand } = await import('../../src/bastion/exec/execute.js');
    const { setUp } = await import('../../src/bastion/setup.js');
    const { choose } = await import('../../src/cli/prompts.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const log = this.roomLog();
    const { config, flags } = { config: await this.rocConfig(), flags: this.flags };
    const room = setUp({ config, cwd: process.cwd(), env: process.env, flags, choose, log });
    const { exitCode, items } = await executeCommand({
      room,
      expression: this.args.target as string,
      argv: this.argv,
      document: flags.document,
      concurrency: flags.concurrency,
      windows: flags.windows,
      signal,
      ...(this.jsonEnabled() ? {} : { stdout: process.stdout, stderr: process.stderr }),
    });
    dispose();
    this.endWith(exitCode);
    return { items };
  }
}
