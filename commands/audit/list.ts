import { Flags } from '@oclif/core';
import { limitFlag } from '../../src/cli/client-flags.js';
import { RocCommand } from '../../src/cli/command.js';

export default class AuditList extends RocCommand<typeof AuditList> {
  static override summary = 'list who did what, newest first';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --action version.publish',
    '<%= config.bin %> <%= command.id %> --actor ada@example.com --target invoice-totals',
    '<%= config.bin %> <%= command.id %> --actor 01JA9V3R8WZQK4T6E5M2N7X0CB --json',
  ];
  static override flags = {
    action: Flags.string({ summary: 'only this action', helpValue: 'ACTION' }),
    actor: Flags.string({ summary: 'only what this user, key or runner did', helpValue: 'NAME|ID' }),
    target: Flags.string({ summary: 'only what was done to this', helpValue: 'NAME|ID' }),
    ...limitFlag,
  };

  async run(): Promise<unknown> {
    const { readList } = await import('../../src/cli/pages.js');
    const { secondOf, targetText } = await import('../../src/cli/audit-text.js');
    const api = await this.api();
    const { limit, action, actor, target } = this.flags;
    const { items, more } = await readList(api, 'audit.list', { query: { action, actor, target }, limit });
    await this.table(
      items,
      [
        { title: 'event', value: ({ seq }) => String(seq), align: 'right' },
        { title: 'when', value: ({ at }) => secondOf(at) },
        { title: 'who', value: ({ actor: who }) => who.name, shrink: true },
        { title: 'from', value: ({ address }) => address ?? '-', shrink: true },
        { title: 'action', value: (event) => event.action },
        { title: 'target', value: targetText, shrink: true },
        { title: 'outcome', value: ({ outcome }) => outcome },
      ],
      (action ?? actor ?? target) ? 'no such events; without these flags all are listed' : 'no events',
    );
    if (more) this.warn('there are more; raise --limit');
    return { items };
  }
}
