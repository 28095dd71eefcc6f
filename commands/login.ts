import { Flags } from '@oclif/core';
import { RocCommand } from '../src/cli/command.js';

export default class Login extends RocCommand<typeof Login> {
  static override summary = 'sign in to a server and keep the session for this user';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --url https://roc.example.com --email ada@example.com',
    '<%= config.bin %> <%= command.id %> --url https://roc.example.com --email ada@example.com --password-stdin < pw.txt',
  ];
  static override flags = {
    url: Flags.string({ summary: 'server; ROC_URL or the last one by default', helpValue: 'URL' }),
    email: Flags.string({ summary: 'e-mail address of the user', helpValue: 'E' }),
    'password-stdin': Flags.boolean({ summary: 'read the password from standard input' }),
    sso: Flags.boolean({
      summary: 'through the identity provider of the server, in a browser on this machine',
      exclusive: ['email', 'password-stdin', 'otp', 'tenant'],
    }),
    otp: Flags.string({ summary: 'code of the second factor; asked for where it is needed', helpValue: 'N' }),
    tenant: Flags.string({ summary: 'tenant, for a user of several', helpValue: 'T' }),
  };

  async run(): Promise<unknown> {
    const { isUnprotected, parseServerUrl } = await import('../src/cli/server-url.js');
    const { askPassword, askText } = await import('../src/cli/prompts.js');
    const { signIn } = await import('../src/cli/sign-in.js');
    const { readSecretFromStdin } = await import('../src/cli/stdin.js');
    const { flags } = this;

    const url = flags.url === undefined ? await this.knownUrl() : parseServerUrl(flags.url, '--url');
    if (isUnprotected(url))
      this.warn(`${url} is not encrypted: the password crosses the network in the clear`);
    if (flags.sso) return this.bySso(url);
    const email = flags.email ?? (await askText('E-mail', 'Pass --email.'));
    const password = flags['password-stdin']
      ? await readSecretFromStdin()
      : await askPassword(`Password of ${email}`);
    const { env, stdin } = process;
    const askCode = stdin.isTTY ? () => askText('One-time code', 'Pass --otp.') : null;
    const { userAgent } = this.config;
    const wish = { url, email, password, tenant: flags.tenant, otp: flags.otp, env, userAgent };
    const { user, tenant, expiresAt } = await signIn(wish, askCode);
    if (process.env['ROC_TOKEN']) this.warn('ROC_TOKEN is set and goes before this session');
    this.log(`signed in to ${url} as ${user.email}, tenant ${tenant}`);
    return { url, user, tenant, expiresAt };
  }

  private async bySso(url: string): Promise<unknown> {
    const { signInBySso } = await import('../src/cli/sso.js');
    const show = (text: string) => this.logToStderr(text);
    const { user, tenant } = await signInBySso({ url, userAgent: this.config.userAgent, show });
    this.log(`signed in to ${url} as ${user.email}, tenant ${tenant}`);
    return { url, user, tenant };
  }

  private async knownUrl(): Promise<string> {
    const { knownServerUrl } = await import('../src/cli/api.js');
    return knownServerUrl(await this.rocConfig(), process.env);
  }
}
