import { Flags } from '@oclif/core';
import { RocCommand } from '../src/cli/command.js';

export default class Password extends RocCommand<typeof Password> {
  static override summary = 'choose another password; your other sessions end';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = {
    stdin: Flags.boolean({ summary: 'read the present and the new one from standard input, a line each' }),
  };

  async run(): Promise<unknown> {
    const { askSecrets } = await import('../src/cli/own-secrets.js');
    const api = await this.api();
    const questions = [{ question: 'Your password' }, { question: 'A new one, at least 12 characters' }];
    const [current = '', next = ''] = await askSecrets(questions, this.flags);
    await api.call('me.password', { body: { current, next } });
    this.log('your password was changed');
    return { changed: true };
  }
}
