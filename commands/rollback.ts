import { Args, Flags } from '@oclif/core';
import { projectFlag } from '../src/cli/client-flags.js';
import { RocCommand } from '../src/cli/command.js';

export default class Rollback extends RocCommand<typeof Rollback> {
  static override summary = 'deploy the former version of a robot again';
  static override description =
    'A rollback is a new deployment; nothing is deleted. Without --to it is the version before the present one.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> invoice-totals --in prod --reason "wrong totals"',
    '<%= config.bin %> <%= command.id %> invoice-totals --in prod --to 1.0.0',
  ];
  static override args = { robot: Args.string({ description: '[PROJECT/]ROBOT', required: true }) };
  static override flags = {
    in: Flags.string({
      summary: 'environment; client.environment of roc.yaml, else "dev"',
      helpValue: 'ENV',
    }),
    to: Flags.string({ summary: 'version to go back to; the former one by default', helpValue: 'VERSION' }),
    reason: Flags.string({ summary: 'why, for the record', helpValue: 'TEXT' }),
    ...projectFlag,
  };

  async run(): Promise<unknown> {
    const { named } = await import('../src/cli/robot-ref.js');
    const api = await this.api();
    const { project, name, version } = named(this.args.robot, this.flags.project, api.project);
    const { in: environment = api.environment, to, reason } = this.flags;
    if (version !== undefined && to !== undefined && to !== version)
      throw this.usageError(`${this.args.robot} names version ${version}, --to says ${to}`, 'Name it once.');
    const made = await api.call('deployments.rollback', {
      body: { project, robot: name, environment, version: to ?? version, reason },
    });
    const from = made.previousVersion === null ? '' : ` from ${made.previousVersion}`;
    this.log(`rolled ${made.project}/${made.robot} in ${made.environment} back${from} to ${made.version}`);
    return made;
  }
}
