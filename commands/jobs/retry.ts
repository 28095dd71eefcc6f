import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class JobsRetry extends RocCommand<typeof JobsRetry> {
  static override summary = 'run an ended or held job again, with the same version and input';
  static override examples = ['<%= config.bin %> <%= command.id %> 01JZ0000000000000000000000 --wait'];
  static override args = { job: Args.string({ description: 'id of the job', required: true }) };
  static override flags = { wait: Flags.boolean({ summary: 'wait for its end and show its log' }) };

  async run(): Promise<unknown> {
    const { finishedJob, waitForJob } = await import('../../src/cli/wait-for-job.js');
    const api = await this.api();
    const job = await api.call('jobs.retry', { params: { id: this.args.job } });
    if (!this.flags.wait) {
      this.log(`job ${job.id} is ${job.state}; follow it with \`roc jobs logs ${job.id} -f\``);
      return job;
    }
    const ended = finishedJob(await waitForJob(api, job, { quiet: this.jsonEnabled() }));
    if (ended.state !== 'succeeded') this.endWith(3);
    if (ended.output !== null) this.log(JSON.stringify(ended.output, null, 2));
    return ended;
  }
}
