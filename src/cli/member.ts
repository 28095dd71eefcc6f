/** People, roles and scopes as the commands show and name them. */
import { RocError } from '../kernel/errors.js';
import type { Client } from '../protocol/client.js';
import type { ReplyOf } from '../protocol/contracts.js';
import type { Field } from './fields.js';
import { readList } from './pages.js';

type Member = ReplyOf<'users.show'>;

const MOST_PEOPLE = 100_000;

/** The id of somebody named by e-mail address or id. @throws RocError ROC_NOT_FOUND */
export async function memberId(api: Client, named: string): Promise<string> {
  if (!named.includes('@')) return named;
  const wanted = named.normalize('NFKC').toLowerCase();
  const { items } = await readList(api, 'users.list', { limit: MOST_PEOPLE });
  const member = items.find(({ email }) => email.normalize('NFKC').toLowerCase() === wanted);
  if (member !== undefined) return member.id;
  throw new RocError('ROC_NOT_FOUND', `${named} is not in this tenant`, { hint: 'See `roc users list`.' });
}

/** `operator on invoices/totals` */
export function grantText({ role, project, process, source }: Member['grants'][number]): string {
  const where = project === null ? '' : ` on ${[project, process].filter((part) => part !== null).join('/')}`;
  return `${role}${where}${source === 'oidc' ? ' (by group)' : ''}`;
}

export function memberFields(member: Member): Field[] {
  return [
    ['user', member.email],
    ['id', member.id],
    ['state', member.state],
    ['roles', member.grants.map(grantText).join(', ')],
    ['second factor', member.hasSecondFactor ? 'yes' : 'no'],
    ['since', member.createdAt],
  ];
}

/** `[PROJECT/]PROCESS` and a project's flag as the scope of a grant. @throws RocError ROC_USAGE */
export function scopeOf(flags: {
  readonly project?: string | undefined;
  readonly process?: string | undefined;
}): { project?: string; process?: string } {
  const { project, process } = flags;
  if (process === undefined) return project === undefined ? {} : { project };
  const [first = '', second, ...rest] = process.split('/');
  if (rest.length > 0 || (second !== undefined && project !== undefined && project !== first)) {
    throw new RocError('ROC_USAGE', `"${process}" names no process of one project`, {
      hint: 'Write --process [PROJECT/]PROCESS.',
    });
  }
  if (second !== undefined) return { project: first, process: second };
  return { ...(project === undefined ? {} : { project }), process: first };
}
