import { Args } from '@oclif/core';
import { projectFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';
import { processFields } from '../../src/cli/process-text.js';

export default class ProcessesShow extends RocCommand<typeof ProcessesShow> {
  static override summary = 'show a process and what it runs where';
  static override examples = ['<%= config.bin %> <%= command.id %> invoice-totals'];
  static override args = { process: Args.string({ description: '[PROJECT/]PROCESS', required: true }) };
  static override flags = projectFlag;

  async run(): Promise<unknown> {
    const { namedProcess } = await import('../../src/cli/robot-ref.js');
    const api = await this.api();
    const { project, name } = namedProcess(this.args.process, this.flags.project, api.project);
    const shown = await api.call('processes.show', { params: { process: name }, query: { project } });
    this.fields(processFields(shown));
    return shown;
  }
}
