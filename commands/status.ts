import { setTimeout as sleep } from 'node:timers/promises';
import { RocCommand } from '../src/cli/command.js';
import { statusFlags } from '../src/cli/status-flags.js';
import type { TakenStatus } from '../src/scale/status/take.js';

export default class Status extends RocCommand<typeof Status> {
  static override summary = 'say on one screen how the installation is';
  static override description =
    'Balancer, servers, database, orchestrator and alarms, each with the age of what is known. Changes nothing. Ends with 3 when something is bad or cannot be known.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --watch --every 30s',
    '<%= config.bin %> <%= command.id %> --asg roc-prod --database roc-prod-db --json',
  ];
  static override flags = statusFlags;

  async run(): Promise<unknown> {
    const { interruptible } = await import('../src/cli/interrupt.js');
    const { signal, dispose } = interruptible();
    const look = await this.looker(signal);
    try {
      if (this.flags.watch) return await this.keepLooking(look, signal);
      const taken = await look();
      await this.show(taken, null);
      return taken.status;
    } finally {
      dispose();
    }
  }

  private async looker(signal: AbortSignal): Promise<() => Promise<TakenStatus>> {
    const { openStatus } = await import('../src/scale/status/room.js');
    const { configuredServerUrl, statusNodes } = await import('../src/cli/status-nodes.js');
    const { env, config } = { env: process.env, config: await this.rocConfig() };
    return openStatus({
      ...{ config, cwd: process.cwd(), env, flags: this.flags, now: Date.now, signal },
      clientUrl: configuredServerUrl(config),
      nodes: (url) => statusNodes({ url, config, env, userAgent: this.config.userAgent }),
    });
  }

  private async keepLooking(look: () => Promise<TakenStatus>, signal: AbortSignal): Promise<undefined> {
    const { watchEvery } = await import('../src/scale/status/take.js');
    const every = watchEvery(this.flags.every);
    try {
      while (!signal.aborted) {
        const taken = await look();
        if (this.jsonEnabled()) this.logJsonLine(taken.status);
        await this.show(taken, every);
        await sleep(every, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    this.endWith(0);
  }

  private async show({ status, cost, retries }: TakenStatus, every: number | null): Promise<void> {
    this.endWith(status.verdict === 'bad' || status.verdict === 'unknown' ? 3 : 0);
    if (this.jsonEnabled()) return;
    const { drawScreen, screenKind } = await import('../src/cli/live-screen.js');
    const { screenLines } = await import('../src/scale/status/screen.js');
    const { costLine } = await import('../src/scale/status/take.js');
    const kind = screenKind(process.stdout, process.env);
    const lines = screenLines(status, { ...kind, isUnicode: kind.isUnicode && !this.flags.ascii });
    const notes = [
      costLine(cost, every),
      ...(retries > 0 ? [`CloudWatch was asked ${retries} times more`] : []),
    ];
    drawScreen(process.stdout, [...lines, '', notes.join('; ')], every !== null);
  }

  // Each look of --watch is a line already.
  override logJson(json: unknown): void {
    if (json !== undefined) super.logJson(json);
  }
}
