import { Flags } from '@oclif/core';
import { RocCommand } from '../../../src/cli/command.js';
import { feedsFolder, nowFrom, sourceFlags } from '../../../src/cli/vulns-flags.js';

export default class VulnsFeedsStatus extends RocCommand<typeof VulnsFeedsStatus> {
  static override summary = 'show which feeds (KEV, EPSS, SSVC) are at hand and how old they are';
  static override examples = ['<%= config.bin %> <%= command.id %> --feeds .roc/feeds'];
  static override flags = {
    feeds: feedsFolder,
    'max-age': Flags.integer({
      summary: 'days after which a feed is stale',
      default: 7,
      min: 0,
      helpValue: 'N',
    }),
    now: sourceFlags.now,
  };

  async run(): Promise<unknown> {
    const { loadFeeds } = await import('../../../src/vulns/feeds/load.js');
    const { states } = await loadFeeds(this.flags.feeds, nowFrom(this.flags.now), this.flags['max-age']);
    await this.table(
      states,
      [
        { title: 'feed', value: (feed) => feed.name },
        { title: 'state', value: (feed) => (feed.present ? (feed.stale ? 'stale' : 'fresh') : 'missing') },
        { title: 'age', value: (feed) => (feed.ageDays === null ? null : `${feed.ageDays} d`) },
        { title: 'entries', value: (feed) => feed.entries, align: 'right' },
        { title: 'file', value: (feed) => feed.file },
      ],
      'no feeds',
    );
    if (states.some((feed) => !feed.present || feed.stale)) this.endWith(3);
    return { items: states };
  }
}
