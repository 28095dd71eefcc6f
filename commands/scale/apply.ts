import { RocCommand } from '../../src/cli/command.js';
import { applyFlags, scaleOptions } from '../../src/cli/scale-flags.js';

export default class ScaleApply extends RocCommand<typeof ScaleApply> {
  static override summary = 'set the capacity that is needed now; instances that go are drained first';
  static override description =
    'Plans anew and asks. Refused (4) for a stale plan, while another controller watches, or where something else moves the group.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --plan 4to3-mjo2k9xc-0d4f6a1b2c3e --yes',
    '<%= config.bin %> <%= command.id %> --native --yes',
  ];
  static override flags = applyFlags;

  async run(): Promise<unknown> {
    const { openScale, requireBucket } = await import('../../src/scale/room.js');
    const { confirm } = await import('../../src/cli/prompts.js');
    const about = {
      ...{ config: await this.rocConfig(), flags: this.flags, root: this.config.root },
      ...{ userAgent: this.config.userAgent, log: this.roomLog() },
    };
    const { yes, plan } = this.flags;
    const options = await scaleOptions(about);
    if (this.flags.rds) {
      const { applyRdsClass } = await import('../../src/scale/apply-resize.js');
      const done = await applyRdsClass(options, (question) => confirm(question, { yes }));
      this.log(`${done.database} changes from ${done.from} to ${done.to}; see \`roc status\``);
      return done;
    }
    const room = await openScale(options);
    if (this.flags.native) {
      const { applyNative } = await import('../../src/scale/apply-native.js');
      const done = await applyNative(room, (question) => confirm(question, { yes }));
      this.log(`installed: ${done.installed.join(', ') || 'nothing, all is there'}`);
      return done;
    }
    requireBucket(room);
    const { apply } = await import('../../src/scale/apply.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { startProgress } = await import('../../src/cli/progress.js');
    const { sleepUnless: sleep } = await import('../../src/cli/sleep-unless.js');
    const { signal, dispose } = interruptible();
    const start = (text: string) => startProgress(text, { quiet: this.jsonEnabled() });
    let progress = start('looking at the group');
    const done = await apply(room.parts, {
      ...{ plan, signal, sleep, onProgress: (says) => progress.update(says) },
      confirm: async ({ question }) => {
        progress.done();
        await confirm(question, { yes });
        progress = start('setting it');
      },
    }).finally(() => {
      progress.done();
      dispose();
    });
    this.log(`${done.outcome}: ${done.says}`);
    if (/^(partly|undone|kept)$/.test(done.outcome)) this.endWith(3);
    return done;
  }
}
