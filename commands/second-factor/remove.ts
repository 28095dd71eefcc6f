import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class SecondFactorRemove extends RocCommand<typeof SecondFactorRemove> {
  static override summary = 'take the second factor off your own account';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = {
    stdin: Flags.boolean({ summary: 'read password and code from standard input, a line each' }),
  };

  async run(): Promise<unknown> {
    const { askSecrets } = await import('../../src/cli/own-secrets.js');
    const api = await this.api();
    const questions = [{ question: 'Your password' }, { question: 'Code, or recovery code', isShown: true }];
    const [password = '', otp = ''] = await askSecrets(questions, this.flags);
    await api.call('me.factor-remove', { body: { password, otp: otp.trim() } });
    this.log('this account has no second factor any more');
    return { removed: true };
  }
}
