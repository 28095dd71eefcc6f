import { Args, Flags } from '@oclif/core';
import { RocCommand } from '../../src/cli/command.js';

export default class UsersRecover extends RocCommand<typeof UsersRecover> {
  static override summary = 'a one-time link for a forgotten password or a lost second factor';
  static override description =
    'With --mail the server sends it to the owner of the address; nobody needs to be signed in for that. Else it is printed, once, for who may manage people to hand over.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> ada@example.com --mail --url https://roc.example.com',
    '<%= config.bin %> <%= command.id %> ada@example.com --second-factor',
  ];
  static override args = { user: Args.string({ description: 'e-mail address', required: true }) };
  static override flags = {
    'second-factor': Flags.boolean({ summary: 'drop a lost second factor; the password is still needed' }),
    mail: Flags.boolean({ summary: 'send it to the address' }),
    url: Flags.string({ summary: 'server, with --mail', helpValue: 'URL', dependsOn: ['mail'] }),
  };

  async run(): Promise<unknown> {
    const what = this.flags['second-factor'] ? 'second-factor' : 'password';
    if (this.flags.mail) return this.byMail(what);
    const { memberId } = await import('../../src/cli/member.js');
    const api = await this.api();
    const params = { id: await memberId(api, this.args.user) };
    const made = await api.call('users.recover', { params, body: { what } });
    this.log(made.token);
    this.logToStderr(`good for one use until ${made.expiresAt}: roc users accept --url ${api.url}`);
    return made;
  }

  private async byMail(what: 'password' | 'second-factor'): Promise<unknown> {
    const { knownServerUrl, openPublicApi } = await import('../../src/cli/api.js');
    const { parseServerUrl } = await import('../../src/cli/server-url.js');
    const named = this.flags.url;
    const url =
      named === undefined
        ? await knownServerUrl(await this.rocConfig(), process.env)
        : parseServerUrl(named, '--url');
    await openPublicApi(url, this.config.userAgent).call('auth.recover', {
      body: { email: this.args.user, what },
    });
    this.log(`if ${this.args.user} has an account there, a letter is on its way`);
    return { url, asked: true };
  }
}
