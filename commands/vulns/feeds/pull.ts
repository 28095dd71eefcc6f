import { RocCommand } from '../../../src/cli/command.js';
import { startProgress } from '../../../src/cli/progress.js';
import { pullFlags } from '../../../src/cli/vulns-flags.js';

export default class VulnsFeedsPull extends RocCommand<typeof VulnsFeedsPull> {
  static override summary =
    'fetch the KEV, EPSS and SSVC feeds from their publishers (the only command that does)';
  static override description =
    'CISA publishes SSVC decision points as one file a CVE: the whole archive is fetched (about 150 MB) and kept as a table. Leave it out with --only kev,epss.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --feeds .roc/feeds',
    '<%= config.bin %> <%= command.id %> --only kev,epss',
  ];
  static override flags = pullFlags;

  async run(): Promise<unknown> {
    const { parseFeedNames, pullFeeds } = await import('../../../src/vulns/feeds/pull.js');
    const { feeds: dir, timeout, only } = this.flags;
    const urls = { kev: this.flags['kev-url'], epss: this.flags['epss-url'], ssvc: this.flags['ssvc-url'] };
    const progress = startProgress('fetching feeds', { quiet: this.jsonEnabled() || !process.stderr.isTTY });
    const { items, failures } = await pullFeeds({
      dir,
      names: parseFeedNames(only),
      urls,
      idleMs: timeout * 1000,
    }).finally(() => progress.done());
    await this.table(
      items,
      [
        { title: 'feed', value: (feed) => feed.name },
        { title: 'entries', value: (feed) => feed.entries, align: 'right' },
        { title: 'bytes', value: (feed) => feed.bytes, align: 'right' },
        { title: 'file', value: (feed) => feed.file },
      ],
      'nothing was fetched',
    );
    for (const { name, error } of failures) this.warn(`${name}: ${error.message}. ${error.hint ?? ''}`);
    this.endWith(failures[0]?.error.exitCode ?? 0);
    return {
      items,
      failures: failures.map(({ name, error }) => ({ name, code: error.code, message: error.message })),
    };
  }
}
