import { RocCommand } from '../src/cli/command.js';
import { statusFlags } from '../src/cli/status-flags.js';
import type { TakenStatus } from '../src/scale/status/take.js';

export default class Status extends RocCommand<typeof Status> {
  static override summary = 'say on one screen how the installation is';
  static override description = 'Changes nothing. Ends with 3 when a part is bad or cannot be known.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --watch --every 30s',
    '<%= config.bin %> <%= command.id %> --asg roc-prod --database roc-prod-db --json',
  ];
  static override flags = statusFlags;

  async run(): Promise<unknown> {
    const { interruptible } = await import('../src/cli/interrupt.js');
    const { repeat } = await import('../src/cli/repeat.js');
    const { watchEvery } = await import('../src/scale/status/take.js');
    const every = this.flags.watch ? watchEvery(this.flags.every) : null;
    const { signal, dispose } = interruptible();
    const look = await this.looker(signal);
    try {
      if (every === null) return await this.show(await look(), every);
      await repeat(every, signal, async () => {
        const status = await this.show(await look(), every);
        if (this.jsonEnabled()) this.logJsonLine(status);
      });
      return this.endWith(0);
    } finally {
      dispose();
    }
  }

  private async looker(signal: AbortSignal): Promise<() => Promise<TakenStatus>> {
    const { openStatus } = await import('../src/scale/status/room.js');
    const { configuredServerUrl: clientUrl, openApi, signedInUrl } = await import('../src/cli/api.js');
    const [env, config, { userAgent }] = [process.env, await this.rocConfig(), this.config];
    return openStatus({
      ...{ config, cwd: process.cwd(), env, flags: this.flags, now: Date.now, signal },
      ...{ clientUrl: clientUrl(config), signedInUrl: await signedInUrl(env) },
      client: (url) => openApi({ config, env: { ...env, ROC_URL: url }, userAgent }),
    });
  }

  private async show(taken: TakenStatus, every: number | null): Promise<TakenStatus['status']> {
    const { drawScreen, screenKind } = await import('../src/cli/live-screen.js');
    const { takenLines } = await import('../src/scale/status/screen.js');
    const { isWell } = await import('../src/scale/status/model.js');
    const kind = screenKind(process.stdout, process.env);
    const lines = takenLines(taken, every, { ...kind, isUnicode: kind.isUnicode && !this.flags.ascii });
    if (!this.jsonEnabled()) drawScreen(process.stdout, lines, this.flags.watch);
    this.endWith(isWell(taken.status) ? 0 : 3);
    return taken.status;
  }

  override logJson(json: unknown): void {
    // Each look of --watch is a line already.
    if (!this.flags.watch) super.logJson(json);
  }
}
