import { Flags } from '@oclif/core';
import { sessionFlags, targetArg } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionConnect extends RocCommand<typeof BastionConnect> {
  static override summary = 'open a shell on an instance, with no SSH and no public address';
  static override description =
    'Keys go to the instance as they are; `~.` at the start of a line leaves a shell that does not answer.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> i-0123456789abcdef0',
    '<%= config.bin %> <%= command.id %> "Name=api-*,Env=prod" --reason INC-42',
    '<%= config.bin %> <%= command.id %> bastion --record session.cast',
  ];
  static override args = { target: targetArg };
  static override flags = {
    ...sessionFlags,
    document: Flags.string({ summary: "session document; the account's own by default", helpValue: 'NAME' }),
    record: Flags.string({ summary: 'record what is shown, as asciicast v2', helpValue: 'FILE' }),
  };

  async run(): Promise<unknown> {
    const { processTerminal } = await import('../../src/bastion/session/terminal.js');
    const terminal = processTerminal(process.stdin, process.stdout);
    const { connectShell } = await import('../../src/bastion/connect.js');
    const { setUp } = await import('../../src/bastion/setup.js');
    const { choose } = await import('../../src/cli/prompts.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const log = this.roomLog();
    const { config, flags } = { config: await this.rocConfig(), flags: this.flags };
    const room = setUp({ config, cwd: process.cwd(), env: process.env, flags, choose, log });
    const target = await room.target(this.args.target);
    const session = await room.explained(target, () =>
      connectShell({
        ...room.settings,
        api: room.api,
        target,
        terminal,
        record: flags.record,
        signal,
        now: Date.now,
        log,
        onStart: ({ sessionId, message }) =>
          void process.stderr.write(`session ${sessionId} on ${target}${message ? `\n${message}` : ''}\n`),
      }),
    );
    dispose();
    return { instanceId: target, ...session };
  }
}
