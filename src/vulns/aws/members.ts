/** Accounts that a delegated administrator sees, and those of its organization that it does not. */

import type { Visit } from './listing.js';
import { endsReading, pages } from './session.js';

export interface MemberPage {
  readonly members: readonly { readonly account: string | undefined; readonly status: string | undefined }[];
  readonly next: string | undefined;
}

/** Those who left on purpose are nobody's gap. */
const GONE: ReadonlySet<string> = new Set(['RESIGNED', 'DELETED']);
const ENABLED: ReadonlySet<string> = new Set(['ENABLED', 'ASSOCIATED']);

/**
 * The accounts whose findings are in the listing; every member that is not enabled is told as a gap. An account that
 * is no administrator is refused by the listing, and has no members.
 * @param service as people call it, for the gap's text
 */
export async function tellMembers(
  visit: Visit,
  service: string,
  read: (token: string | undefined) => Promise<MemberPage>,
): Promise<readonly string[]> {
  const enabled: string[] = [];
  try {
    const listing = pages(async (token) => {
      const page = await read(token);
      return { items: page.members, next: page.next };
    });
    for await (const members of listing)
      for (const { account, status = 'unknown' } of members) {
        if (account === undefined || GONE.has(status.toUpperCase())) continue;
        if (ENABLED.has(status.toUpperCase())) enabled.push(account);
        else
          visit.gap({
            id: account,
            status,
            why: `${service} is not enabled in member account ${account} (${status})`,
          });
      }
  } catch (error) {
    if (endsReading(error)) throw error;
  }
  visit.covers(enabled);
  return enabled;
}
