import { once } from 'node:events';
import { Flags } from '@oclif/core';
import { targetArg, tunnelFlags } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionDb extends RocCommand<typeof BastionDb> {
  static override summary =
    "reach the stack's database: checks who answers, signs in, gives a DSN or starts a client";
  static override description =
    'The certificate is checked against the name of the endpoint before anything is given out. Runs until Ctrl-C, or until the client ends.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --client',
    '<%= config.bin %> <%= command.id %> bastion --database orders --auth iam --user app --ca global-bundle.pem',
  ];
  static override args = { target: targetArg };
  static override flags = {
    ...tunnelFlags,
    database: Flags.string({ summary: "RDS instance or cluster; the stack's by default", helpValue: 'ID' }),
    auth: Flags.option({ summary: 'how to sign in', options: ['iam', 'secret'] as const })(),
    user: Flags.string({ summary: 'database user', helpValue: 'NAME' }),
    secret: Flags.string({
      summary: "secret with username and password; RDS's own by default",
      helpValue: 'ARN',
    }),
    name: Flags.string({ summary: 'database in the server', helpValue: 'NAME' }),
    local: Flags.integer({
      summary: 'local port; a free one by default',
      helpValue: 'PORT',
      min: 0,
      max: 65_535,
    }),
    ca: Flags.string({ summary: 'PEM file of the authorities of the server', helpValue: 'FILE' }),
    client: Flags.boolean({ summary: 'start mariadb or mysql' }),
  };

  async run(): Promise<unknown> {
    const { openDatabase } = await import('../../src/bastion/db/open-database.js');
    const { runClient } = await import('../../src/bastion/db/run-client.js');
    const { setUp } = await import('../../src/bastion/setup.js');
    const { choose } = await import('../../src/cli/prompts.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const { config, flags } = { config: await this.rocConfig(), flags: this.flags };
    const room = setUp({ config, cwd: process.cwd(), env: process.env, flags, choose, log: this.roomLog() });
    const target = await room.target(this.args.target);
    const caFile = flags.ca ?? room.settings.ca;
    const onError = (error: Error) => void this.warn(error);
    const open = () => openDatabase({ ...flags, local: flags.local, room, target, caFile, signal, onError });
    const { identity, dsn, local, signIn, close } = await room.explained(target, open);
    process.stderr.write(`${signIn.endpoint} is who it says: ${identity.subject}, by ${identity.issuer}\n`);
    if (flags.client) dispose();
    if (flags.client) this.endWith(await runClient({ signIn, local, caFile }));
    else if (this.jsonEnabled()) this.logJsonLine({ event: 'listening', ...local, dsn, identity });
    else this.log(dsn);
    if (!flags.client && !signal.aborted) await once(signal, 'abort');
    await close();
    dispose();
    return undefined;
  }
}
