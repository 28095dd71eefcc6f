import { Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class UsersAccept extends RocCommand<typeof UsersAccept> {
  static override summary =
    'use a one-time link: join a tenant, choose a password, drop a lost second factor';
  static override description =
    'Asks for the token and for a password. With --stdin both are read from standard input, a line each.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --url https://roc.example.com',
    '<%= config.bin %> <%= command.id %> --url https://roc.example.com --stdin < token-and-password.txt',
  ];
  static override flags = {
    url: Flags.string({ summary: 'server; ROC_URL or the last one by default', helpValue: 'URL' }),
    stdin: Flags.boolean({ summary: 'read token and password from standard input' }),
  };

  async run(): Promise<unknown> {
    const { knownServerUrl, openPublicApi } = await import('../../src/cli/api.js');
    const { parseServerUrl } = await import('../../src/cli/server-url.js');
    const { flags } = this;
    const url =
      flags.url === undefined
        ? await knownServerUrl(await this.rocConfig(), process.env)
        : parseServerUrl(flags.url, '--url');
    const [token, password] = await this.secrets();
    const api = openPublicApi(url, this.config.userAgent);
    const { kind, email, tenant } = await api.call('auth.accept', { body: { token, password } });
    const done = { invite: `joined tenant ${tenant}`, password: 'chose a new password' };
    this.log(`${email} ${kind === 'second-factor' ? 'has no second factor any more' : done[kind]}`);
    return { url, kind, email, tenant };
  }

  private async secrets(): Promise<[token: string, password: string]> {
    if (this.flags.stdin) {
      const { readSecretFromStdin } = await import('../../src/cli/stdin.js');
      const [token = '', password = ''] = (await readSecretFromStdin()).split(/\r?\n/);
      return [token.trim(), password];
    }
    const { askPassword, askText } = await import('../../src/cli/prompts.js');
    const token = await askText('Token', 'Pass --stdin and pipe token and password in.');
    return [token, await askPassword('Password (a new one, or that of the account)')];
  }
}
