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
    const { askSecrets } = await import('../../src/cli/own-secrets.js');
    const { parseServerUrl } = await import('../../src/cli/server-url.js');
    const { flags } = this;
    const url =
      flags.url === undefined
        ? await knownServerUrl(await this.rocConfig(), process.env)
        : parseServerUrl(flags.url, '--url');
    const questions = [
      { question: 'Token', isShown: true },
      { question: 'Password (a new one, or that of the account)' },
    ];
    const [token = '', password = ''] = await askSecrets(questions, flags);
    const api = openPublicApi(url, this.config.userAgent);
    const { kind, email, tenant } = await api.call('auth.accept', {
      body: { token: token.trim(), password },
    });
    const done = { invite: `joined tenant ${tenant}`, password: 'chose a new password' };
    this.log(`${email} ${kind === 'second-factor' ? 'has no second factor any more' : done[kind]}`);
    return { url, kind, email, tenant };
  }
}
