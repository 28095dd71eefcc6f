import { Flags } from '@oclif/core';
import { ago } from '../../src/cli/ago.js';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class EvidenceList extends RocCommand<typeof EvidenceList> {
  static override summary = 'list what checks have published, newest first';
  static override examples = ['<%= config.bin %> <%= command.id %> --kind backup-verify --verdict fail'];
  static override flags = {
    kind: Flags.string({ summary: 'only this check', helpValue: 'KIND' }),
    scope: Flags.string({ summary: 'only this scope', helpValue: 'SCOPE' }),
    verdict: Flags.option({ options: ['pass', 'fail', 'unknown'] as const, summary: 'only this verdict' })(),
    ...limitFlag,
  };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const api = await this.api();
    const { limit, kind, scope, verdict } = this.flags;
    const { items, more } = await readList(api, 'evidence.list', { query: { kind, scope, verdict }, limit });
    await this.table(
      items,
      [
        { title: 'evidence', value: ({ id }) => id },
        { title: 'kind', value: (one) => one.kind },
        { title: 'scope', value: (one) => one.scope, shrink: true },
        { title: 'verdict', value: (one) => one.verdict },
        {
          title: 'signed by',
          value: ({ signedBy }) =>
            signedBy === null
              ? 'unsigned'
              : `${signedBy.name}${signedBy.state === 'revoked' ? ' (revoked)' : ''}`,
          shrink: true,
        },
        { title: 'made', value: ({ generatedAt }) => ago(generatedAt) },
        { title: 'by', value: ({ createdBy }) => createdBy, shrink: true },
      ],
      'no evidence yet; checks send it with --publish',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
