import { Args } from '@oclif/core';
import { sessionFlags, targetArg } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionSshProxy extends RocCommand<typeof BastionSshProxy> {
  static override summary = 'carry an SSH connection, as ProxyCommand of ssh, scp and sftp';
  static override description =
    'In ~/.ssh/config: `Host i-* mi-*` and `ProxyCommand roc bastion ssh-proxy %h %p`.';
  static override examples = [
    'ssh -o ProxyCommand="<%= config.bin %> <%= command.id %> %h %p" ec2-user@i-0123456789abcdef0',
  ];
  static override args = {
    target: { ...targetArg, required: true },
    port: Args.integer({
      name: 'PORT',
      description: 'port of the SSH server',
      default: 22,
      min: 1,
      max: 65_535,
    }),
  };
  static override flags = { ...sessionFlags };

  async run(): Promise<unknown> {
    const { proxySsh } = await import('../../src/bastion/ssh-proxy.js');
    const { setUp } = await import('../../src/bastion/setup.js');
    const { choose } = await import('../../src/cli/prompts.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const log = this.roomLog();
    const { config, flags } = { config: await this.rocConfig(), flags: this.flags };
    const room = setUp({ config, cwd: process.cwd(), env: process.env, flags, choose, log });
    const target = await room.target(this.args.target);
    const { api, settings } = room;
    const { stdin: input, stdout: output } = process;
    const { port } = this.args;
    await room.explained(target, () =>
      proxySsh({ api, target, port, input, output, reason: settings.reason, signal, log }),
    );
    dispose();
    return undefined;
  }
}
