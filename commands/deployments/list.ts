import { Args, Flags } from '@oclif/core';
import { ago } from '../../src/cli/ago.js';
import { limitFlag, projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class DeploymentsList extends RocCommand<typeof DeploymentsList> {
  static override summary = 'list deployments, newest first; * marks what runs now';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> invoice-totals --in prod',
  ];
  static override args = { robot: Args.string({ description: '[PROJECT/]ROBOT' }) };
  static override flags = {
    in: Flags.string({ summary: 'only this environment', helpValue: 'ENV' }),
    ...projectFlag,
    ...limitFlag,
  };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const { named } = await import('../../src/cli/robot-ref.js');
    const api = await this.api();
    const ref =
      this.args.robot === undefined ? null : named(this.args.robot, this.flags.project, api.project);
    const { items, more } = await readList(api, 'deployments.list', {
      query: { project: ref?.project ?? this.flags.project, robot: ref?.name, environment: this.flags.in },
      limit: this.flags.limit,
    });
    await this.table(
      items,
      [
        { title: '', value: (row) => (row.active ? '*' : ' ') },
        { title: 'robot', value: (row) => row.robot, shrink: true },
        { title: 'version', value: (row) => row.version },
        { title: 'in', value: (row) => row.environment, shrink: true },
        { title: 'kind', value: (row) => row.kind },
        { title: 'when', value: (row) => ago(row.createdAt) },
        { title: 'by', value: (row) => row.createdBy, shrink: true },
        { title: 'reason', value: (row) => row.reason, shrink: true },
      ],
      'no deployments yet; make one with `roc deploy ROBOT@VERSION --to ENV`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
