import { Args, Flags } from '@oclif/core';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { processFields } from '../../src/cli/process-text.js';
import { parseDuration } from '../../src/kernel/time.js';

const ON_LOST = ['retry', 'fail', 'hold', 'robot'] as const;

export default class ProcessesSet extends RocCommand<typeof ProcessesSet> {
  static override summary = 'create or change a process; what is not named stays as it is';
  static override examples = [
    '<%= config.bin %> <%= command.id %> invoice-totals --pool finance --timeout 30m --max-attempts 3',
    '<%= config.bin %> <%= command.id %> monthly-totals --robot invoice-totals --on-lost hold',
  ];
  static override args = { process: Args.string({ description: '[PROJECT/]PROCESS', required: true }) };
  static override flags = {
    robot: Flags.string({ summary: 'robot it runs; needed for a new one', helpValue: 'ROBOT' }),
    pool: Flags.string({ summary: 'pool whose runners take its jobs', helpValue: 'POOL' }),
    priority: Flags.integer({ summary: '0 (first) to 9 (last)', min: 0, max: 9, helpValue: 'N' }),
    timeout: Flags.string({ summary: 'time of an attempt, or "robot" for its own', helpValue: 'DURATION' }),
    'max-attempts': Flags.integer({ summary: 'attempts in all', min: 1, max: 20, helpValue: 'N' }),
    'on-lost': Flags.option({
      options: ON_LOST,
      summary: 'what becomes of a job whose runner went away; "robot": as it says itself',
    })(),
    private: Flags.boolean({ allowNo: true, summary: 'only who is granted a role on it knows of it' }),
    ...projectFlag,
  };

  async run(): Promise<unknown> {
    const { namedProcess } = await import('../../src/cli/robot-ref.js');
    const { flags } = this;
    const timeoutMs = flags.timeout === undefined ? undefined : timeoutOf(flags.timeout);
    const onLost = flags['on-lost'] === 'robot' ? null : flags['on-lost'];
    const settings = { robot: flags.robot, pool: flags.pool, priority: flags.priority, onLost };
    const { private: isPrivate, 'max-attempts': maxAttempts } = flags;
    const body = { ...settings, timeoutMs, maxAttempts, isPrivate };
    if (Object.values(body).every((value) => value === undefined))
      throw this.usageError('nothing to set', 'Name at least one setting, for example --pool.');

    const api = await this.api();
    const { project, name } = namedProcess(this.args.process, flags.project, api.project);
    const set = await api.call('processes.set', { params: { process: name }, query: { project }, body });
    this.fields(processFields(set));
    return set;
  }
}

function timeoutOf(text: string): number | null {
  return text === 'robot' ? null : parseDuration(text);
}
