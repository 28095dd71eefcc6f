import { Flags } from '@oclif/core';
import { ago } from '../../src/cli/ago.js';
import { limitFlag, projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { jobDuration } from '../../src/cli/job-text.js';
import { JOB_STATE_NAMES } from '../../src/protocol/job-states.js';

export default class JobsList extends RocCommand<typeof JobsList> {
  static override summary = 'list jobs, newest first';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --process invoice-totals --state failed --limit 20',
  ];
  static override flags = {
    process: Flags.string({ summary: 'only this process', helpValue: 'PROCESS' }),
    in: Flags.string({ summary: 'only this environment', helpValue: 'ENV' }),
    state: Flags.option({ options: JOB_STATE_NAMES, summary: 'only this state', helpValue: 'STATE' })(),
    ...projectFlag,
    ...limitFlag,
  };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { project, process, in: environment, state, limit } = this.flags;
    const query = { project, process, environment, state };
    const { items, more } = await readList(api, 'jobs.list', { query, limit });
    await this.table(
      items,
      [
        { title: 'job', value: (job) => job.id },
        { title: 'process', value: (job) => job.process, shrink: true },
        { title: 'version', value: (job) => job.version, shrink: true },
        { title: 'in', value: (job) => job.environment, shrink: true },
        { title: 'state', value: (job) => job.state },
        { title: 'created', value: (job) => ago(job.createdAt) },
        { title: 'took', value: (job) => jobDuration(job) },
      ],
      (project ?? process ?? environment ?? state)
        ? 'no such jobs; `roc jobs list` alone shows all'
        : 'no jobs; start one with `roc jobs start PROCESS`',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
