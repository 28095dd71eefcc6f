/** What every live source gives: documents in the shape of its own export, and what it says about its own reach. */
import type { Coverage, Tool } from '../model.js';
import type { LiveSession } from './session.js';

export type ServiceListing = AsyncGenerator<object, void, undefined>;

/** One service in one region, read as one account. */
export interface Visit {
  readonly session: LiveSession;
  /** Only what changed since then; null: everything. */
  readonly since: Date | null;
  readonly until: Date;
  /** What the findings will be told as, where a service has two dialects. */
  tells(tool: Tool): void;
  /** These accounts' findings are part of the listing. */
  covers(accounts: readonly string[]): void;
  /** Findings on such resources of an account are not in the listing, whether they are there or not. */
  except(account: string, type: string): void;
  /** Something that the service does not look at. */
  gap(gap: Gap): void;
  /** The service looks at nothing here: what it does not list may still be there. */
  isOff(why: string): void;
  warn(text: string): void;
}

export type Gap = Pick<Coverage, 'id' | 'status' | 'why'> &
  Partial<Pick<Coverage, 'repo' | 'digest' | 'tags'>>;

export type ReadService = (visit: Visit) => ServiceListing;
