import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class JobsWhy extends RocCommand<typeof JobsWhy> {
  static override summary = 'explain why a job waits, and what to do about it';
  static override examples = ['<%= config.bin %> <%= command.id %> 01JZ0000000000000000000000'];
  static override args = { job: Args.string({ description: 'id of the job', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const why = await api.call('jobs.why', { params: { id: this.args.job } });
    this.fields([
      ['state', why.state],
      ['waits', why.waiting ? 'yes' : 'no'],
      ['runners', why.waiting ? `${why.eligibleRunners} could take it` : undefined],
      ['before it', why.position === null ? undefined : `${why.position} of its pool`],
      ['next', why.waiting ? undefined : `\`roc jobs show ${this.args.job}\` tells what became of it`],
    ]);
    for (const { code, message, fix } of why.reasons) {
      this.log();
      this.fields([
        ['reason', `${message} (${code})`],
        ['next', fix],
      ]);
    }
    return why;
  }
}
