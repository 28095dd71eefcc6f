import { randomUUID } from 'node:crypto';
import { Args, Flags } from '@oclif/core';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class JobsStart extends RocCommand<typeof JobsStart> {
  static override summary = 'start a job of a process';
  static override description =
    'With --wait its log is shown until it ends; the exit code is 0 only if it succeeded, else 3. Ctrl-C stops the waiting, not the job.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> invoice-totals --wait',
    `<%= config.bin %> <%= command.id %> invoice-totals --in prod --input '{"month":"2026-01"}'`,
    '<%= config.bin %> <%= command.id %> invoice-totals --input @january.json --wait --json',
  ];
  static override args = { process: Args.string({ description: '[PROJECT/]PROCESS', required: true }) };
  static override flags = {
    in: Flags.string({
      summary: 'environment; client.environment of roc.yaml, else "dev"',
      helpValue: 'ENV',
    }),
    input: Flags.string({ summary: 'input as JSON, @FILE or @- for standard input', helpValue: 'JSON' }),
    wait: Flags.boolean({ summary: 'wait for its end and show its log' }),
    key: Flags.string({ summary: 'idempotency key: the same key again starts nothing', helpValue: 'KEY' }),
    priority: Flags.integer({ summary: '0 (first) to 9 (last)', min: 0, max: 9, helpValue: 'N' }),
    ...projectFlag,
  };

  async run(): Promise<unknown> {
    const { startJob } = await import('../../src/cli/start-job.js');
    const { finishedJob, waitForJob } = await import('../../src/cli/wait-for-job.js');
    const { readJobInput } = await import('../../src/cli/job-input.js');
    const { namedProcess } = await import('../../src/cli/robot-ref.js');
    const { flags } = this;
    const input = flags.input === undefined ? undefined : await readJobInput(flags.input);
    const api = await this.api();
    const { project, name } = namedProcess(this.args.process, flags.project, api.project);
    const { in: environment = api.environment, priority } = flags;
    const body = { project, process: name, environment, input, priority };
    const job = await startJob(api, body, flags.key ?? randomUUID());
    if (!flags.wait) {
      this.log(`started job ${job.id}, ${job.state}; follow it with \`roc jobs logs ${job.id} -f\``);
      return job;
    }
    const ended = finishedJob(await waitForJob(api, job, { quiet: this.jsonEnabled() }));
    if (ended.state !== 'succeeded') this.endWith(3);
    if (ended.output !== null) this.log(JSON.stringify(ended.output, null, 2));
    return ended;
  }
}
