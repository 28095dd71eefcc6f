import { Args } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class SecondFactorConfirm extends RocCommand<typeof SecondFactorConfirm> {
  static override summary = 'confirm a second factor with its first code; prints recovery codes';
  static override examples = ['<%= config.bin %> <%= command.id %> 123456'];
  static override args = { code: Args.string({ description: 'six digits', required: true }) };

  async run(): Promise<unknown> {
    const api = await this.api();
    const { recoveryCodes } = await api.call('me.factor-confirm', { body: { otp: this.args.code } });
    for (const code of recoveryCodes) this.log(code);
    this.logToStderr('each is good once; keep them where your telephone is not');
    return { confirmed: true, recoveryCodes };
  }
}
