import { Args, Flags } from '@oclif/core';
import { projectFlag } from '../src/cli/client-flags.js';
import { RocCommand } from '../src/cli/command.js';

export default class Deploy extends RocCommand<typeof Deploy> {
  static override summary = 'deploy a version of a robot to an environment';
  static override description =
    'Jobs that start from now on run this version. A process of the same name is made where there is none.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> invoice-totals@1.0.0 --to dev',
    '<%= config.bin %> <%= command.id %> invoice-totals@1.1.0 --to prod --reason "new tax rates"',
  ];
  static override args = { version: Args.string({ description: '[PROJECT/]ROBOT@VERSION', required: true }) };
  static override flags = {
    to: Flags.string({
      summary: 'environment; client.environment of roc.yaml, else "dev"',
      helpValue: 'ENV',
    }),
    reason: Flags.string({ summary: 'why, for the record', helpValue: 'TEXT' }),
    ...projectFlag,
  };

  async run(): Promise<unknown> {
    const { namedVersion } = await import('../src/cli/robot-ref.js');
    const api = await this.api();
    const { project, name, version } = namedVersion(this.args.version, this.flags.project, api.project);
    const { to: environment = api.environment, reason } = this.flags;
    const made = await api.call('deployments.create', {
      body: { project, robot: name, version, environment, reason },
    });
    const former = made.previousVersion === null ? '' : ` (was ${made.previousVersion})`;
    this.log(`deployed ${made.project}/${made.robot}@${made.version} to ${made.environment}${former}`);
    if (made.processCreated) this.log(`made the process ${made.project}/${made.robot}`);
    return made;
  }
}
