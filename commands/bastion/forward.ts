import { once } from 'node:events';
import { Flags } from '@oclif/core';
import { targetArg, tunnelFlags } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionForward extends RocCommand<typeof BastionForward> {
  static override summary = 'lead local ports to hosts behind an instance';
  static override description =
    'Runs until Ctrl-C. With --json it prints one line for each port that listens.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --to db.internal:3306 --local 13306',
    '<%= config.bin %> <%= command.id %> bastion --to db.internal:3306 --to cache.internal:6379 --parallel 4',
    '<%= config.bin %> <%= command.id %> i-0123456789abcdef0 --to 8080',
  ];
  static override args = { target: targetArg };
  static override flags = {
    ...tunnelFlags,
    to: Flags.string({
      summary: 'destination, or a port of the instance itself; may be given several times',
      helpValue: 'HOST:PORT',
      multiple: true,
      required: true,
    }),
    local: Flags.integer({
      summary: 'local port of each --to, in order; a free one by default',
      helpValue: 'PORT',
      min: 0,
      max: 65_535,
      multiple: true,
    }),
  };

  async run(): Promise<unknown> {
    const { forwardPorts } = await import('../../src/bastion/forward.js');
    const { setUp } = await import('../../src/bastion/setup.js');
    const { choose } = await import('../../src/cli/prompts.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    (await import('../../src/cli/heap.js')).keepHeapSmall();
    const { signal, dispose } = interruptible();
    const log = this.roomLog();
    const { config, flags } = { config: await this.rocConfig(), flags: this.flags };
    const room = setUp({ config, cwd: process.cwd(), env: process.env, flags, choose, log });
    const target = await room.target(this.args.target);
    const { api, settings } = room;
    const onError = (error: Error) => void this.warn(error);
    const { to, local = [] } = flags;
    const forwarded = await room.explained(target, () =>
      forwardPorts({ ...settings, api, target, to, local, signal, log, onError }),
    );
    for (const port of forwarded.ports) {
      if (this.jsonEnabled()) this.logJsonLine({ event: 'listening', ...port });
      else this.log(`${port.localHost}:${port.localPort} -> ${port.host}:${port.port}  (${port.sessionId})`);
    }
    if (!signal.aborted) await once(signal, 'abort');
    await forwarded.close();
    dispose();
    return undefined;
  }
}
