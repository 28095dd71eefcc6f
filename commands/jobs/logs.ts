import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class JobsLogs extends RocCommand<typeof JobsLogs> {
  static override summary = "print a job's log lines, or follow them until it ends";
  static override description =
    'Times are UTC; ! marks what the robot wrote to stderr, > its progress, * what roc says itself. With -f, --json prints one object a line.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01JZ0000000000000000000000',
    '<%= config.bin %> <%= command.id %> 01JZ0000000000000000000000 -f',
    '<%= config.bin %> <%= command.id %> 01JZ0000000000000000000000 --attempt 2 --json',
  ];
  static override args = { job: Args.string({ description: 'id of the job', required: true }) };
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'go on until the job ends or Ctrl-C' }),
    attempt: Flags.integer({ summary: 'only this attempt', min: 1, helpValue: 'N' }),
  };

  async run(): Promise<unknown> {
    const { createLogPrinter, followLog, storedLines } = await import('../../src/cli/job-log.js');
    const api = await this.api();
    const { follow, attempt } = this.flags;
    const isJson = this.jsonEnabled();
    const forPeople = createLogPrinter((text) => this.log(text));
    if (follow) {
      const print = isJson ? (line: unknown) => this.logJsonLine(line) : forPeople;
      return followLog(api, this.args.job, { attempt, print, warn: (text) => this.warn(text) });
    }
    const items: unknown[] = [];
    let isEmpty = true;
    for await (const line of storedLines(api, this.args.job, attempt)) {
      isEmpty = false;
      if (isJson) items.push(line);
      else forPeople(line);
    }
    if (isEmpty && !isJson) {
      const { jobEnding } = await import('../../src/cli/job-text.js');
      const job = await api.call('jobs.show', { params: { id: this.args.job } });
      this.logToStderr(
        `no log lines; ${job.finishedAt === null ? `job ${job.id} is ${job.state}` : jobEnding(job)}`,
      );
    }
    return { items };
  }
}
