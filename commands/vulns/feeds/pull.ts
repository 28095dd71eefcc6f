import { Flags } from '@oclif/core';
import { RocCommand } from '../../../src/cli/command.js';
import { startProgress } from '../../../src/cli/progress.js';

export default class VulnsFeedsPull extends RocCommand<typeof VulnsFeedsPull> {
  static override summary = 'fetch the KEV and EPSS feeds from their publishers (the only command that does)';
  static override description =
    'SSVC decision points are published one file a CVE; a table of them (cve,exploitation,automatable,technical_impact) is fetched from the address in --ssvc-url, or copied into the folder by hand.';
  static override examples = ['<%= config.bin %> <%= command.id %> --feeds .roc/feeds'];
  static override flags = {
    feeds: Flags.string({
      summary: 'folder of the feeds',
      helpValue: 'DIR',
      default: '.roc/feeds',
      env: 'ROC_VULNS_FEEDS',
    }),
    'kev-url': Flags.string({ summary: 'another address of the KEV catalogue', helpValue: 'URL' }),
    'epss-url': Flags.string({ summary: 'another address of the EPSS scores', helpValue: 'URL' }),
    'ssvc-url': Flags.string({ summary: 'address of a table of SSVC decision points', helpValue: 'URL' }),
    timeout: Flags.integer({ summary: 'seconds to wait for each feed', default: 60, min: 1 }),
  };

  async run(): Promise<unknown> {
    const { pullFeeds } = await import('../../../src/vulns/feeds/pull.js');
    const progress = startProgress('fetching feeds', { quiet: this.jsonEnabled() || !process.stderr.isTTY });
    const urls = { kev: this.flags['kev-url'], epss: this.flags['epss-url'], ssvc: this.flags['ssvc-url'] };
    const items = await pullFeeds(this.flags.feeds, urls, this.flags.timeout * 1000).finally(() =>
      progress.done(),
    );
    await this.table(
      items,
      [
        { title: 'feed', value: (feed) => feed.name },
        { title: 'bytes', value: (feed) => feed.bytes, align: 'right' },
        { title: 'file', value: (feed) => feed.file },
      ],
      'nothing was fetched',
    );
    return { items };
  }
}
