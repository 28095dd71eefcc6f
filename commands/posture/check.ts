import { RocCommand } from '../../src/cli/command.js';
import { postureFlags } from '../../src/cli/posture-flags.js';
import type { Checked } from '../../src/posture/model.js';

export default class PostureCheck extends RocCommand<typeof PostureCheck> {
  static override summary = 'hold a live account against the security controls';
  static override description =
    'Changes nothing. Ends with 3 when a control fails that nobody waived, or could not be looked at.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --all --publish',
    '<%= config.bin %> <%= command.id %> --vpc vpc-0123456789abcdef0 --bucket my-robots --json',
  ];
  static override flags = postureFlags;

  async run(): Promise<unknown> {
    const { checkPosture } = await import('../../src/posture/check.js');
    const { isHeld } = await import('../../src/posture/model.js');
    const { lastVerifiedAt } = await import('../../src/cli/verified-at.js');
    const { startProgress } = await import('../../src/cli/progress.js');
    const quiet = this.jsonEnabled() || !process.stderr.isTTY;
    const progress = startProgress('looking at the account', { quiet });
    const checked = await checkPosture({
      ...{ config: await this.rocConfig(), cwd: process.cwd(), env: process.env, flags: this.flags },
      ...{ packageRoot: this.config.root, now: Date.now },
      verifiedAt: (place) => lastVerifiedAt(() => this.api(), place),
    }).finally(() => progress.done());
    await this.show(checked);
    const exitCode = isHeld(checked.posture) ? 0 : 3;
    this.endWith(exitCode);
    if (!this.flags.publish) return checked.posture;
    const { evidenceOf } = await import('../../src/posture/evidence.js');
    const { tryToPublish } = await import('../../src/cli/publish-evidence.js');
    const sent = await tryToPublish(() => this.api(), Promise.resolve(evidenceOf(checked)));
    if (sent.published === null) this.warn(sent.says);
    else this.logToStderr(sent.says);
    this.endWith(exitCode || sent.exitCode);
    return { ...checked.posture, published: sent.published };
  }

  private async show({ posture }: Checked): Promise<void> {
    const { controlRows, fixLines, summaryLine } = await import('../../src/posture/text.js');
    await this.table(
      controlRows(posture, this.flags.all),
      [
        { title: 'verdict', value: (row) => row.verdict },
        { title: 'severity', value: (row) => row.severity },
        { title: 'control', value: (row) => row.id },
        { title: 'why', value: (row) => row.says, shrink: true },
      ],
      'every control holds',
    );
    for (const line of ['', ...fixLines(posture), '', summaryLine(posture)]) this.log(line);
  }
}
