import { sessionFlags, targetArg } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionList extends RocCommand<typeof BastionList> {
  static override summary = 'list the instances that sessions may go to';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> Env=prod',
  ];
  static override args = { target: targetArg };
  static override flags = { ...sessionFlags };

  async run(): Promise<unknown> {
    const { listBastionTargets } = await import('../../src/bastion/list.js');
    const { setUp } = await import('../../src/bastion/setup.js');
    const { choose } = await import('../../src/cli/prompts.js');
    const room = setUp({
      config: await this.rocConfig(),
      cwd: process.cwd(),
      env: process.env,
      flags: this.flags,
      choose,
      log: this.roomLog(),
    });
    const targets = await listBastionTargets(room.access, this.args.target);
    await this.table(
      targets,
      [
        { title: 'instance', value: (row) => row.instanceId },
        { title: 'name', value: (row) => row.name },
        { title: 'state', value: (row) => row.state },
        { title: 'sessions', value: (row) => row.ping ?? 'never registered' },
        { title: 'agent', value: (row) => row.agentVersion },
        { title: 'platform', value: (row) => row.platform },
        { title: 'address', value: (row) => row.privateIp },
        { title: 'zone', value: (row) => row.az },
      ],
      `no instances in ${room.aws.region}`,
    );
    return { items: targets, targets };
  }
}
