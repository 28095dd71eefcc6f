import { RocCommand } from '../../src/cli/command.js';
import { scaleFlags, scaleOptions } from '../../src/cli/scale-flags.js';
import type { Report } from '../../src/scale/tick.js';
import type { WatchEvent } from '../../src/scale/watch.js';

/** So many of the newest changes stay on the screen. */
const SHOWN = 8;

export default class ScaleWatch extends RocCommand<typeof ScaleWatch> {
  static override summary = 'keep capacity at what is needed, until it is ended';
  static override description =
    'Of several only one acts, by a lease in S3. Whatever fails, capacity is kept. The tag roc:scale=off on the group stops it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --policy scale.yaml --json',
  ];
  static override jsonLines = true;
  static override flags = scaleFlags;

  async run(): Promise<void> {
    const { openScale, requireBucket } = await import('../../src/scale/room.js');
    const { watch } = await import('../../src/scale/watch.js');
    const { watchCost } = await import('../../src/scale/metrics/watch-cost.js');
    const { interruptible } = await import('../../src/cli/interrupt.js');
    const { sleepUnless } = await import('../../src/cli/sleep-unless.js');
    const options = await scaleOptions({
      ...{ config: await this.rocConfig(), flags: this.flags, root: this.config.root },
      ...{ userAgent: this.config.userAgent, log: this.roomLog() },
    });
    const room = await openScale(options);
    requireBucket(room);
    const cost = await watchCost(room);
    const onEvent = await this.teller();
    const { signal, dispose } = interruptible();
    const elapsed = () => performance.now();
    await watch(room.parts, {
      ...{ cost, signal, elapsed, onEvent, sleep: sleepUnless, random: Math.random },
    }).finally(dispose);
  }

  /** Lines for a machine or a log, a screen for a person. */
  private async teller(): Promise<(event: WatchEvent) => void> {
    if (this.jsonEnabled()) return (event) => this.logJsonLine(event);
    const { eventLine, watchScreen } = await import('../../src/scale/text.js');
    if (!process.stdout.isTTY) return (event) => this.log(eventLine(event));
    const { drawScreen } = await import('../../src/cli/live-screen.js');
    let start: WatchEvent | undefined;
    const changes: Report[] = [];
    return (event) => {
      if (event.event === 'end') return this.log(eventLine(event));
      if (event.event === 'start') start = event;
      else {
        if (event.did !== 'nothing') changes.push(event);
        if (changes.length > SHOWN) changes.shift();
        drawScreen(process.stdout, watchScreen(start, event, changes), true);
      }
    };
  }
}
