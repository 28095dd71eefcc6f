import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class JobsCancel extends RocCommand<typeof JobsCancel> {
  static override summary = 'ask a job to stop; its runner ends it after a grace time';
  static override examples = ['<%= config.bin %> <%= command.id %> 01JZ0000000000000000000000'];
  static override args = { job: Args.string({ description: 'id of the job', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const job = await api.call('jobs.cancel', { params: { id: this.args.job } });
    this.log(`job ${job.id} is ${job.state}`);
    return job;
  }
}
