import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';
import { jobFields } from '../../src/cli/job-text.js';

export default class JobsShow extends RocCommand<typeof JobsShow> {
  static override summary = 'show a job and its history';
  static override examples = ['<%= config.bin %> <%= command.id %> 01JZ0000000000000000000000'];
  static override args = { job: Args.string({ description: 'id of the job', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const job = await api.call('jobs.show', { params: { id: this.args.job } });
    this.fields(jobFields(job));
    this.log();
    await this.table(
      job.events,
      [
        { title: 'at', value: (event) => event.at },
        { title: 'event', value: (event) => event.type },
        { title: 'attempt', value: (event) => event.attempt, align: 'right' },
        { title: 'state', value: (event) => event.state },
        { title: 'detail', value: (event) => event.detail, shrink: true },
      ],
      'no events',
    );
    return job;
  }
}
