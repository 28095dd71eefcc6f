import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class ProjectsCreate extends RocCommand<typeof ProjectsCreate> {
  static override summary = 'create a project for robots and processes';
  static override examples = ['<%= config.bin %> <%= command.id %> payroll'];
  static override args = { name: Args.string({ description: 'its name', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const made = await api.call('projects.create', { body: { name: this.args.name } });
    this.log(`created project ${made.name}`);
    return made;
  }
}
