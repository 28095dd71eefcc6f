import { RocCommand } from '../src/cli/command.js';

export default class Logout extends RocCommand<typeof Logout> {
  static override summary = 'end the session, at the server and here';
  static override examples = ['<%= config.bin %> <%= command.id %>'];

  async run(): Promise<unknown> {
    const { signOut } = await import('../src/cli/sign-in.js');
    const config = await this.rocConfig();
    const { url, serverTold } = await signOut({
      config,
      env: process.env,
      userAgent: this.config.userAgent,
    });
    if (!serverTold) this.warn(`${url} could not be told; the session there ends by itself`);
    this.log(url === null ? 'not signed in' : `signed out of ${url}`);
    return { url, signedOut: url !== null, serverTold };
  }
}
