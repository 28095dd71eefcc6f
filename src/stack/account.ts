/**
 * `roc provision account`: what an account has once and the stack relies on. Each is adopted where it is there and made
 * where it is not; the stack owns none of them, and destroying the stack leaves them all.
 */

interface AccountService {
  readonly find: () => Promise<boolean>;
  readonly make: () => Promise<void>;
}

export type AccountPort = Readonly<Record<string, AccountService>>;

export interface AccountItem {
  readonly service: string;
  readonly state: 'adopted' | 'made' | 'would be made';
}

/** @param isDry looks and says, makes nothing */
export async function ensureAccount(port: AccountPort, isDry: boolean): Promise<AccountItem[]> {
  const items: AccountItem[] = [];
  // One after the other: scanning of images is Inspector's and wants it first, Security Hub wants the recorder.
  for (const [service, { find, make }] of Object.entries(port)) {
    if (await find()) items.push({ service, state: 'adopted' });
    else {
      if (!isDry) await make();
      items.push({ service, state: isDry ? 'would be made' : 'made' });
    }
  }
  return items;
}
