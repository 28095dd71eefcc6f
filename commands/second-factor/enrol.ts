import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class SecondFactorEnrol extends RocCommand<typeof SecondFactorEnrol> {
  static override summary = 'put a second factor on your own account';
  static override description =
    'Asks for your password, shows a secret for an authenticator app, and asks for its first code. With --stdin the password is read from standard input and the secret printed; confirm it with `roc second-factor confirm`.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { stdin: Flags.boolean({ summary: 'read the password from standard input' }) };

  async run(): Promise<unknown> {
    const { askSecrets } = await import('../../src/cli/own-secrets.js');
    const api = await this.api();
    const [password = ''] = await askSecrets([{ question: 'Your password' }], this.flags);
    const { secret, uri } = await api.call('me.factor-enrol', { body: { password } });
    this.log(`secret  ${secret}\nuri     ${uri}`);
    if (this.flags.stdin || this.jsonEnabled()) return { secret, uri, confirmed: false };
    const [otp = ''] = await askSecrets([{ question: 'First code of the app', isShown: true }], {
      stdin: false,
    });
    const { recoveryCodes } = await api.call('me.factor-confirm', { body: { otp } });
    this.log('recovery codes, each good once; keep them where your telephone is not:');
    for (const code of recoveryCodes) this.log(`  ${code}`);
    return { confirmed: true, recoveryCodes };
  }
}
