import { once } from 'node:events';
import { Flags } from '@oclif/core';
import { targetArg, tunnelFlags } from '../../src/cli/bastion-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class BastionSocks extends RocCommand<typeof BastionSocks> {
  static override summary = 'open a local SOCKS5 port for all that an instance can reach';
  static override description =
    'Names are resolved by the instance. Each destination takes a session of its own. Runs until Ctrl-C. Then, for one: `curl --proxy socks5h://127.0.0.1:1080 http://api.internal:8080/healthz`.';
  static override examples = ['<%= config.bin %> <%= command.id %> --local 1080'];
  static override args = { target: targetArg };
  static override flags = {
    ...tunnelFlags,
    local: Flags.integer({ summary: 'local port', helpValue: 'PORT', min: 0, max: 65_535, default: 1080 }),
  };

  async run(): Promise<unknown> {
    const { startSocks } = await import('../../src/bastion/socks.js');
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
    const socks = await startSocks({ ...settings, api, target, port: flags.local, signal, log, onError });
    if (this.jsonEnabled())
      this.logJsonLine({ event: 'listening', host: socks.host, port: socks.port, target });
    else this.log(`socks5h://${socks.host}:${socks.port} -> ${target}`);
    if (!signal.aborted) await once(signal, 'abort');
    await socks.close();
    dispose();
    return undefined;
  }
}
