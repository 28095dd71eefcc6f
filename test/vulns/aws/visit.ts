/** A visit that keeps what a reader tells, without a network. */
import type { Gap, ReadService, Visit } from '../../../src/vulns/aws/listing.js';

export interface Told {
  readonly documents: object[];
  readonly gaps: Gap[];
  readonly accounts: string[];
  readonly warnings: string[];
  readonly off: string[];
  readonly tools: string[];
  readonly except: string[];
}

const REGION = 'eu-west-1';
export const ACCOUNT = '111122223333';

export async function visit(read: ReadService, since: Date | null = null): Promise<Told> {
  const told: Told = { documents: [], gaps: [], accounts: [], warnings: [], off: [], tools: [], except: [] };
  const options = { region: REGION, maxAttempts: 1, retryMode: 'adaptive' } as const;
  const made: Visit = {
    session: { region: REGION, account: ACCOUNT, options },
    since,
    until: new Date('2025-06-01T00:00:00Z'),
    tells: (tool) => void told.tools.push(tool),
    covers: (accounts) => void told.accounts.push(...accounts),
    except: (account, type) => void told.except.push(`${account} ${type}`),
    gap: (gap) => void told.gaps.push(gap),
    isOff: (why) => void told.off.push(why),
    warn: (text) => void told.warnings.push(text),
  };
  for await (const document of read(made)) told.documents.push(document);
  return told;
}

/** An error as AWS's clients throw it. */
export function awsError(name: string, message = name): Error {
  return Object.assign(new Error(message), { name });
}
