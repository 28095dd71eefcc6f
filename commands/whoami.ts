import { RocCommand } from '../src/cli/command.js';

export default class Whoami extends RocCommand<typeof Whoami> {
  static override summary = 'show which server and user this shell speaks for';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    return { cwd: process.cwd() };
  }
}
